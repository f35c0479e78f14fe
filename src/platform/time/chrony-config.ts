/** The configuration of the chronyd that a KMA runs: its own files, addresses instead of names, and no way to drag the clock far. It names nothing of the system's own chronyd. */
import { join } from 'node:path';
import { SERVER_AWAY_SECONDS_MAX } from '../../core/time-following.ts';

/** The exponents of two of the seconds between polls. */
export interface Polls {
  readonly minimum: number;
  readonly maximum: number;
}

export interface ChronySettings {
  /** Of the management network; a wildcard listens everywhere. */
  readonly address: string;
  /** 0: it serves nobody. */
  readonly port: number;
  /** Of the one server; several where its name has several. */
  readonly servers: readonly string[];
  /** Where the server listens. */
  readonly serverPort: number;
  readonly peers: readonly string[];
  /** Where the other KMAs listen. */
  readonly peerPort: number;
  readonly polls: Polls;
  /** Sets the clock of the machine; else it is watched, and the time that is served is right all the same. */
  readonly setsClock: boolean;
  /** Of the daemon's own user. */
  readonly runDirectory: string;
}

/** A first step only within what clocks may be apart; what is further away is ignored, for ever, and told. */
const STEP_SECONDS = 1;
const STEPS = 1;
/** Parts in a million: a server that wanders can move the clock by 43 seconds a day, and is noticed long before. */
const SLEW_PPM_MAX = 500;

export const socketPathIn = (runDirectory: string): string => join(runDirectory, 'chronyd.sock');
export const driftPathIn = (runDirectory: string): string => join(runDirectory, 'drift');

export function chronyConfig(settings: ChronySettings): string {
  const { servers, serverPort, peers, peerPort, polls, port, runDirectory } = settings;
  const poll = `minpoll ${polls.minimum} maxpoll ${polls.maximum}`;
  const lines = [
    // Other KMAs are followed only where the server is not there.
    ...servers.map((address) => `server ${address} port ${serverPort} iburst ${poll} prefer`),
    ...peers.map((address) => `peer ${address} port ${peerPort} ${poll}`),
    ...bindLines(settings.address),
    `port ${port}`,
    ...(port === 0 ? [] : ['allow', 'ratelimit interval 1 burst 16']),
    ...ownFiles(runDirectory),
    `driftfile ${driftPathIn(runDirectory)}`,
    `makestep ${STEP_SECONDS} ${STEPS}`,
    `maxchange ${SERVER_AWAY_SECONDS_MAX} 0 -1`,
    `maxslewrate ${SLEW_PPM_MAX}`,
    ...(settings.setsClock ? ['rtcsync'] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Commands come over the socket alone. */
export function ownFiles(runDirectory: string): string[] {
  return [
    'cmdport 0',
    `bindcmdaddress ${socketPathIn(runDirectory)}`,
    `pidfile ${join(runDirectory, 'chronyd.pid')}`,
  ];
}

/** A wildcard is what chronyd does by itself. */
function bindLines(address: string): string[] {
  return isWildcard(address) ? [] : [`bindaddress ${address}`, `bindacqaddress ${address}`];
}

export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
