/** What goes wrong, drawn from a seed: processes killed and stopped, KMAs killed whole, cut off, restarted and without power. Each fault ends before the next but for cuts, which may last through several. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import type { Draw } from './draw.ts';
import { type Member, signal } from './member.ts';

const ROLES = ['core', 'front', 'management-front', 'reader', 'replicator'] as const;
const STOPPED_MS = [300, 3_000] as const;
const STOPPED_WHOLE_MS = [300, 8_000] as const;
/** Faults that a cut lasts through at most. */
const CUT_FAULTS_MAX = 4;

export class Faults {
  /** How often each kind was done. */
  readonly kinds = new Map<string, number>();
  readonly #cluster: Cluster;
  readonly #random: Draw;
  #cutFor = 0;

  constructor(cluster: Cluster, random: Draw) {
    this.#cluster = cluster;
    this.#random = random;
  }

  /** Resolves when it is over; what was killed may still be coming back. */
  async next(): Promise<string> {
    const random = this.#random;
    const { network, losesPower } = this.#cluster;
    const member = random.pick(this.#cluster.members);
    if (this.#cutFor > 0 && --this.#cutFor === 0) network.heal();
    const { name } = member.plan;
    const role = random.pick(ROLES);
    const waitMs = random.between(...STOPPED_MS);
    const wholeMs = random.between(...STOPPED_WHOLE_MS);
    const kinds: [number, readonly [string, () => void | Promise<void>]][] = [
      [8, [`kill -9 ${role}`, () => kill(member, role)]],
      [2, ['kill -9 supervisor', () => kill(member, 'supervisor')]],
      [2, ['kill -9 whole KMA', () => member.killAll()]],
      [3, [`stop ${role}`, () => stopped(member, [role], waitMs)]],
      [1, ['stop whole KMA', () => stopped(member, [...member.processes().keys()], wholeMs)]],
      [1, ['restart', () => restarted(member)]],
    ];
    if (network.canCut && this.#cutFor === 0)
      kinds.push([4, ['cut', () => this.#cut(member)]], [2, ['cut one way', () => this.#cutOneWay(member)]]);
    if (losesPower) kinds.push([2, ['power loss', () => this.#losePower()]]);
    const [kind, happen] = random.weighted(kinds);
    await happen();
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
    return `${kind}${kind === 'power loss' ? '' : ` at ${name}`}`;
  }

  /** Everybody is there and reaches everybody. */
  async over(): Promise<void> {
    this.#cluster.network.heal();
    for (const member of this.#cluster.members) await member.serving();
  }

  #cut(member: Member): void {
    this.#cluster.network.isolate(member.host);
    this.#cutFor = this.#random.between(1, CUT_FAULTS_MAX);
  }

  #cutOneWay(member: Member): void {
    const other = this.#random.pick(this.#cluster.members.filter((known) => known !== member));
    this.#cluster.network.cut(member.host, other.host);
    this.#cutFor = this.#random.between(1, CUT_FAULTS_MAX);
  }

  async #losePower(): Promise<void> {
    await this.#cluster.members.find(({ plan }) => plan.disk !== null)?.losePower();
  }
}

async function kill(member: Member, role: string): Promise<void> {
  const pid = member.processes().get(role);
  if (pid !== undefined) signal(pid, 'SIGKILL');
}

async function stopped(member: Member, roles: readonly string[], forMs: number): Promise<void> {
  const processes = member.processes();
  const pids = roles.flatMap((role) => processes.get(role) ?? []);
  for (const pid of pids) signal(pid, 'SIGSTOP');
  await pause(forMs);
  for (const pid of pids) signal(pid, 'SIGCONT');
}

async function restarted(member: Member): Promise<void> {
  await member.stop();
  await member.start();
}
