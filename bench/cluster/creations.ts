/** New keys for agents at several KMAs at once, at a given rate or as fast as it goes; calls that fail are counted, not hidden. */
import { setTimeout as pause } from 'node:timers/promises';
import { unitOf } from '../../test/support/raw-agent.ts';
import { Caller } from '../callers.ts';
import { cpuMs } from '../cpu.ts';
import { percentile } from '../figures.ts';
import type { Connected, KeptCaller, KeptResult, ToKeptLoad } from '../kept-load.ts';
import { processesOf } from '../processes.ts';
import { post } from '../requests.ts';
import { dataUnitsAt } from './data-units.ts';
import type { Member } from './member.ts';

const CALLERS_EACH = 4;
const DATA_UNITS_EACH = 125;

export interface Creations {
  readonly seconds: number;
  readonly made: number;
  readonly noReadyKeys: number;
  readonly otherFailures: number;
  readonly firstFailure: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of all these KMAs together, what each creation took. */
  readonly cpuMsByProcess: ReadonlyMap<string, number>;
}

type Agents = readonly Omit<KeptCaller, 'requests'>[];

/** `perSecond` is for all of them together. */
export async function create(
  members: readonly Member[],
  agents: Agents,
  seconds: number,
  perSecond?: number,
): Promise<Creations> {
  const loads = members.map(() => new Caller<ToKeptLoad>('./kept-load.ts'));
  try {
    const order = async (member: Member) => ({
      host: member.place.host,
      port: member.served.ports.agent,
      callers: await callersAt(member, agents),
      ...(perSecond === undefined ? {} : { callsPerSecond: perSecond / members.length }),
    });
    const orders = await Promise.all(members.map(order));
    await Promise.all(orders.map((one, at) => loads[at]?.ask<Connected>(one)));
    const before = cpuByProcess(members);
    const answered = Promise.all(loads.map((load) => load.ask<KeptResult>({ go: true })));
    await pause(seconds * 1000);
    for (const load of loads) load.tell({ stop: true });
    const sum = summed(await answered);
    const spent = [...cpuByProcess(members)].map(
      ([name, ms]) => [name, (ms - (before.get(name) ?? 0)) / sum.made] as const,
    );
    return { ...sum, cpuMsByProcess: new Map(spent) };
  } finally {
    for (const load of loads) load[Symbol.dispose]();
  }
}

/** As real agents call: each with data units of its own, which that KMA has given it. */
function callersAt(member: Member, agents: Agents): Promise<KeptCaller[]> {
  const callers = Array.from({ length: CALLERS_EACH }, async (_, number) => {
    const agent = agents[number % agents.length];
    if (agent === undefined) throw new Error('there is no agent');
    const ids = await dataUnitsAt(member, agent, DATA_UNITS_EACH);
    const requests = ids.map((id) => post('CreateKey', { dataUnit: unitOf(id), keyGroupId: '' }));
    return { ...agent, requests };
  });
  return Promise.all(callers);
}

/** Fronts of both kinds are kept apart; those of several KMAs are one. */
function cpuByProcess(members: readonly Member[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { served } of members)
    for (const [name, pid] of processesOf(served)) sums.set(name, (sums.get(name) ?? 0) + cpuMs([pid]));
  return sums;
}

/** What an answer says is wrong, or what there is instead of one. */
function faultOf(failure: string): string {
  return /<faultstring>([^<]*)/.exec(failure)?.[1] ?? failure.slice(0, 80);
}

function summed(results: readonly KeptResult[]): Omit<Creations, 'cpuMsByProcess'> {
  const sum = (of: (result: KeptResult) => number) => results.reduce((all, one) => all + of(one), 0);
  const latenciesMs = results.flatMap((result) => [...result.latenciesMs]);
  const failures = sum((result) => result.failures);
  const noReadyKeys = sum((result) => result.noReadyKeys);
  return {
    seconds: Math.max(...results.map((result) => result.seconds)),
    made: latenciesMs.length - failures,
    noReadyKeys,
    otherFailures: failures - noReadyKeys,
    firstFailure: faultOf(results.find((result) => result.firstFailure !== '')?.firstFailure ?? ''),
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
  };
}
