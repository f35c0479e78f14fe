/** What a KMA is started with, and what whoever started it then has of it. It starts nothing. */
import { availableParallelism } from 'node:os';
import { OpenKmaError } from '../errors.ts';
import type { Ending } from '../operations/effects.ts';
import type { PlatformPlace } from '../platform/part.ts';
import type { ServiceName } from '../ports.ts';
import type { NetworkAddresses } from './listens.ts';
import type { Listen } from './messages.ts';

export interface KmaOptions {
  readonly dataDirectory: string;
  readonly addresses: NetworkAddresses;
  /** Other ports than those of the table; 0 takes a free one. */
  readonly ports?: Partial<Record<ServiceName, number>>;
  /** The same for what the platform process serves, where it does; there is no 0. */
  readonly platformPorts?: Partial<PlatformPlace['ports']>;
  /** The built pages of the web Manager; without them there is none. */
  readonly pages?: string;
  /** Lets the KMA set the clock of the machine by its NTP server; else it is watched. */
  readonly setClock?: boolean;
  /** One for each processor unless given. */
  readonly fronts?: number;
  /** Name of the user that fronts become when started as root. */
  readonly frontUser?: string;
  /** A line for each thing worth knowing. */
  readonly onEvent?: (line: string) => void;
}

export type AskedEnd = Ending | 'restored';

export const END_TEXT = {
  restored: 'a KMA was restored in the place of this one, which ends',
  reboot: 'an Operator reboots this KMA',
  'shut-down': 'an Operator shuts this KMA down',
  reset: 'a Security Officer takes this KMA back to before QuickStart',
  zeroise: 'a Security Officer takes this KMA back to before QuickStart, and its files are written over',
} as const satisfies Record<AskedEnd, string>;

const FRONTS_MAX = 64;

export function frontsOf({ fronts = availableParallelism() }: Pick<KmaOptions, 'fronts'>): number {
  if (!Number.isInteger(fronts) || fronts < 1 || fronts > FRONTS_MAX)
    throw new OpenKmaError('USAGE', `a KMA has 1 to ${FRONTS_MAX} fronts`);
  return fronts;
}

export interface RunningKma {
  readonly listens: readonly Listen[];
  /** Of the processes as they are now, by name: core, reader, replicator, platform, management front, front 1 ... */
  pids(): ReadonlyMap<string, number>;
  /** Whether the core was locked when it last came up. */
  locked(): boolean;
  /** Why it ended by what was asked of it: for a restored one to take its place, or by somebody at the appliance; null otherwise. */
  askedEnd(): AskedEnd | null;
  /** Why the core has stopped itself; null while it serves. */
  errorState(): string | null;
  /** Answers what is under way, then ends everything. */
  stop(): Promise<void>;
  /** Rejects when the KMA ended by itself because it cannot go on; resolves after `stop`. */
  readonly ended: Promise<void>;
}
