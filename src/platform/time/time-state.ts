/** What people and monitoring are shown of a KMA's time. It measures and judges nothing. */
import { isFollowing, LARGE_OFFSET_SECONDS, type TimeJudgement } from '../../core/time-following.ts';
import type { TimeDetails } from '../../operations/platform/time-details.ts';
import type { PartState } from '../part.ts';
import type { ChronyReport } from './chronyc.ts';
import { secondsText } from './time-notes.ts';
import type { TimePlan } from './time-plan.ts';

/** MAXDIST (RFC 5905, appendix A.1.1): a server that may be wrong by more is followed by nobody. */
const ROOT_DISTANCE_SECONDS_MAX = 1;
/** Until then it is taken for as exact as it is said to be. */
const BETWEEN_ANSWERS_SECONDS = 64;

export interface TimeShown {
  readonly server: string;
  readonly plan: TimePlan;
  readonly setsClock: boolean;
  readonly port: number;
  readonly notServing: string;
  readonly judgement: TimeJudgement;
  /** Null while chronyd does not answer. */
  readonly report: ChronyReport | null;
  /** Why it does not run; "" while it does. */
  readonly daemonTrouble: string;
  readonly pid: number | null;
}

export function timeState(shown: TimeShown): PartState {
  return { summary: summaryOf(shown), troubles: troublesOf(shown), details: detailsOf(shown) };
}

function detailsOf(all: TimeShown): TimeDetails {
  const { server, plan, report, judgement, ...shown } = all;
  const notServing = notServingOf(all);
  return {
    server,
    addresses: [...plan.servers],
    serverReachable: judgement.serverReachable,
    standing: judgement.standing,
    clock: shown.setsClock ? 'set' : 'watched',
    aheadSeconds: judgement.aheadSeconds,
    stratum: report?.stratum ?? null,
    rootDelaySeconds: report?.rootDelaySeconds ?? null,
    rootDispersionSeconds: report?.rootDispersionSeconds ?? null,
    leap: report?.leap ?? '',
    serving: notServing === '',
    notServing,
    requests: report?.received ?? 0,
    requestsDropped: report?.dropped ?? 0,
    peers: plan.peers.map(({ kma, address }) => peerOf(kma, address, report)),
    pid: shown.pid,
  };
}

function notServingOf({
  server,
  report,
  notServing,
}: Pick<TimeShown, 'server' | 'report' | 'notServing'>): string {
  if (server === '') return 'no NTP server is set';
  if (notServing !== '') return notServing;
  if (report === null) return 'chronyd does not run';
  if (!report.synchronised) return 'it has no time of its server yet';
  const { rootDelaySeconds, rootDispersionSeconds, skewPpm } = report;
  const wrongBySeconds =
    rootDelaySeconds / 2 + rootDispersionSeconds + (skewPpm / 1e6) * BETWEEN_ANSWERS_SECONDS;
  return wrongBySeconds < ROOT_DISTANCE_SECONDS_MAX
    ? ''
    : `nobody takes a time that may be wrong by ${wrongBySeconds.toFixed(1)} s: it takes some more answers of its server, or one that is nearer`;
}

function peerOf(kma: string, address: string, report: ChronyReport | null): TimeDetails['peers'][number] {
  const source = report?.sources.find((candidate) => candidate.address === address);
  return {
    kma,
    address,
    responding: source !== undefined && source.reach !== 0,
    followed: source?.selected === true,
    aheadSeconds: source?.aheadSeconds ?? null,
    stratum: source?.stratum ?? 0,
  };
}

function summaryOf(shown: TimeShown): string {
  const { server, judgement, setsClock, port } = shown;
  if (server === '') return 'no NTP server is set; the time is that of the machine';
  const ahead = judgement.aheadSeconds === null ? '' : `, ${aheadText(judgement.aheadSeconds)}`;
  const clock = setsClock ? '' : "; the machine's clock is watched, not set";
  const serves = notServingOf(shown) === '' ? `; serves UDP ${port}` : '';
  return `${server}: ${judgement.standing}${ahead}${clock}${serves}`;
}

function aheadText(aheadSeconds: number): string {
  return `the clock is ${secondsText(Math.abs(aheadSeconds))} ${aheadSeconds < 0 ? 'behind' : 'ahead'}`;
}

function troublesOf(shown: TimeShown): string[] {
  const { server, plan, judgement, notServing, daemonTrouble } = shown;
  if (server === '') return [];
  const { standing, aheadSeconds } = judgement;
  const off = Math.abs(aheadSeconds ?? 0) > LARGE_OFFSET_SECONDS;
  const troubles: [boolean, string][] = [
    [daemonTrouble !== '', `the time is not followed: ${daemonTrouble}`],
    [plan.trouble !== '', `the NTP server ${server} is not known by name: ${plan.trouble}`],
    [
      daemonTrouble === '' && standing !== 'starting' && !isFollowing(standing) && standing !== 'too far off',
      `the NTP server ${server} is ${standing}: look at it and at UDP 123 on the way, or set another one with "kma time set-server"`,
    ],
    [
      off,
      `${aheadText(aheadSeconds ?? 0)} of the NTP server ${server}${standing === 'too far off' ? ', which is therefore not followed' : ''}: set the clock of the machine, or another server`,
    ],
    [notServing !== '', `other KMAs and clients get no time from here: ${notServing}`],
  ];
  return troubles.flatMap(([applies, text]) => (applies ? [text] : []));
}
