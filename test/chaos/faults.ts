/** What goes wrong, drawn from a seed: processes killed and stopped, KMAs killed whole, cut off, restarted and without power. Each fault is seen to have happened, and ends before the next but for cuts, which may last through several. */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive } from '../support/served-kma.ts';
import { until } from '../support/until.ts';
import type { Cluster } from './cluster.ts';
import type { Draw } from './draw.ts';
import { LONG_MS, type Member, signal } from './member.ts';

/** Beside the supervisor; the KMA has to come through the end of each. */
const ROLES = ['core', 'front', 'management-front', 'reader', 'replicator', 'platform'] as const;
const ALL = ['supervisor', ...ROLES] as const;
const STOPPED_MS = [300, 3_000] as const;
const STOPPED_WHOLE_MS = [300, 8_000] as const;
/** Faults that a cut lasts through at most. */
const CUT_FAULTS_MAX = 4;

interface Fault {
  readonly weight: number;
  readonly kind: string;
  /** What was seen of it. */
  happen(): Promise<string>;
}

export class Faults {
  /** How often each kind was done. */
  readonly kinds = new Map<string, number>();
  readonly #cluster: Cluster;
  readonly #random: Draw;
  /** By its weight alone a rare kind would be missing from a short run: each comes once before any comes again. */
  readonly #done = new Set<string>();
  #freshLeft = true;
  #cutFor = 0;

  constructor(cluster: Cluster, random: Draw) {
    this.#cluster = cluster;
    this.#random = random;
  }

  /** Resolves when it is over; what was killed may still be coming back. Rejects where it could not be seen to happen. */
  async next(): Promise<string> {
    const { network, members } = this.#cluster;
    const member = this.#random.pick(members);
    if (this.#cutFor > 0 && --this.#cutFor === 0) network.heal();
    const role = this.#random.pick(ROLES);
    const possible = this.#possible(member, role);
    const fresh = possible.filter(({ kind }) => !this.#done.has(kind));
    this.#freshLeft = fresh.length > 1;
    const drawn = (fresh.length === 0 ? possible : fresh).map((fault) => [fault.weight, fault] as const);
    const { kind, happen } = this.#random.weighted(drawn);
    const seen = await happen();
    this.#done.add(kind);
    const name = kind.endsWith('process') ? kind.replace('process', role) : kind;
    this.kinds.set(name, (this.kinds.get(name) ?? 0) + 1);
    return `${name}${kind === 'power loss' ? '' : ` at ${member.plan.name}`}: ${seen}`;
  }

  #possible(member: Member, role: string): Fault[] {
    const waitMs = this.#random.between(...STOPPED_MS);
    const wholeMs = this.#random.between(...STOPPED_WHOLE_MS);
    const possible: Fault[] = [
      { weight: 8, kind: 'kill -9 process', happen: () => killed(member, role) },
      { weight: 2, kind: 'kill -9 supervisor', happen: () => killed(member, 'supervisor') },
      { weight: 2, kind: 'kill -9 whole KMA', happen: () => killedWhole(member) },
      { weight: 3, kind: 'stop process', happen: () => stopped(member, [role], waitMs) },
      { weight: 1, kind: 'stop whole KMA', happen: () => stopped(member, ALL, wholeMs) },
      { weight: 1, kind: 'restart', happen: () => restarted(member) },
    ];
    const { network, losesPower } = this.#cluster;
    if (network.canCut && this.#cutFor === 0)
      possible.push(
        { weight: 4, kind: 'cut', happen: async () => this.#cut(member) },
        { weight: 2, kind: 'cut one way', happen: async () => this.#cutOneWay(member) },
      );
    if (losesPower) possible.push({ weight: 2, kind: 'power loss', happen: () => this.#losePower() });
    return possible;
  }

  /** Everybody is there with all processes, and reaches everybody. */
  async over(): Promise<void> {
    this.#cluster.network.heal();
    for (const member of this.#cluster.members) {
      await member.serving();
      for (const role of ROLES) await pidOf(member, role);
    }
  }

  #cut(member: Member): string {
    this.#cluster.network.isolate(member.host);
    return this.#cutLasts();
  }

  #cutOneWay(member: Member): string {
    const other = this.#random.pick(this.#cluster.members.filter((known) => known !== member));
    this.#cluster.network.cut(member.host, other.host);
    return this.#cutLasts();
  }

  /** While a kind has not come yet only to the next fault: there is one cut at a time. */
  #cutLasts(): string {
    const lasts = this.#random.between(1, CUT_FAULTS_MAX);
    this.#cutFor = this.#freshLeft ? 1 : lasts;
    return this.#cutFor === 1 ? 'until the next fault' : `through ${this.#cutFor - 1} more`;
  }

  async #losePower(): Promise<string> {
    const member = this.#cluster.members.find(({ plan }) => plan.disk !== null);
    if (member === undefined) throw new Error('no disk can lose its power');
    const before = await pidOf(member, 'supervisor');
    await member.losePower();
    return replaced(member, before);
  }
}

/** Where it is just coming back from an earlier fault it is waited for. */
function pidOf(member: Member, role: string): Promise<number> {
  return until(`${member.plan.name} has a ${role}`, () => member.processes().get(role), LONG_MS);
}

/** All at one moment. */
function pidsOf(member: Member, roles: readonly string[]): Promise<readonly number[]> {
  return until(
    `${member.plan.name} has all of ${roles.join()}`,
    () => {
      const processes = member.processes();
      const pids = roles.flatMap((role) => processes.get(role) ?? []);
      return pids.length === roles.length && pids;
    },
    LONG_MS,
  );
}

async function killed(member: Member, role: string): Promise<string> {
  const pid = await pidOf(member, role);
  signal(pid, 'SIGKILL');
  await until(`process ${pid} is gone`, () => !isAlive(pid), LONG_MS);
  return `process ${pid} is gone`;
}

async function killedWhole(member: Member): Promise<string> {
  const pids = await pidsOf(member, ALL);
  await member.killAll();
  return `${pids.length} processes are gone`;
}

async function stopped(member: Member, roles: readonly string[], forMs: number): Promise<string> {
  const pids = await pidsOf(member, roles);
  for (const pid of pids) signal(pid, 'SIGSTOP');
  try {
    await until(`${pids.length} processes stand still`, () => pids.every(isStopped), LONG_MS);
    await pause(forMs);
  } finally {
    for (const pid of pids) signal(pid, 'SIGCONT');
  }
  return `${pids.length === 1 ? `process ${pids[0]}` : `${pids.length} processes`} stood still for ${forMs} ms`;
}

function isStopped(pid: number): boolean {
  return /^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

async function restarted(member: Member): Promise<string> {
  const before = await pidOf(member, 'supervisor');
  await member.stop();
  await member.start();
  return replaced(member, before);
}

async function replaced(member: Member, before: number): Promise<string> {
  const now = await pidOf(member, 'supervisor');
  if (now === before || isAlive(before)) throw new Error(`process ${before} goes on`);
  return `process ${now} in the place of ${before}`;
}
