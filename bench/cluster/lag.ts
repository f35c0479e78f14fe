/** How long after the commit at one KMA an entry of its log is in the tables of another: both stores are looked at each millisecond, and nothing is asked of the KMAs. */
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '../figures.ts';
import type { Member } from './member.ts';

const LOOK_MS = 1;

export interface Lag {
  readonly entries: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
}

/** A length of the log, and when it was first seen. */
interface Seen {
  readonly length: number;
  readonly atMs: number;
}

/** While `work` goes on, and until what it left is there. */
export async function lagDuring<T>(from: Member, to: Member, work: Promise<T>): Promise<readonly [Lag, T]> {
  const log = from.life;
  const [writer, follower] = [from.openStore(), to.openStore()];
  const written: Seen[] = [];
  const folded: Seen[] = [];
  const look = () => {
    note(written, writer.logLength(log));
    note(folded, follower.logLength(log));
    return written.at(-1)?.length === folded.at(-1)?.length;
  };
  try {
    look();
    let done = false;
    const result = work.finally(() => {
      done = true;
    });
    while (!(look() && done)) await pause(LOOK_MS);
    return [lagOf(written, folded), await result];
  } finally {
    writer.close();
    follower.close();
  }
}

function note(seen: Seen[], length: number): void {
  if (length !== seen.at(-1)?.length) seen.push({ length, atMs: performance.now() });
}

/** Of each entry from the first look on. */
function lagOf(written: readonly Seen[], folded: readonly Seen[]): Lag {
  const lags: number[] = [];
  let [at, there] = [0, 0];
  const first = Math.max(written[0]?.length ?? 0, folded[0]?.length ?? 0);
  for (let seq = first + 1; seq <= (written.at(-1)?.length ?? 0); seq += 1) {
    while ((written[at]?.length ?? 0) < seq) at += 1;
    while ((folded[there]?.length ?? 0) < seq) there += 1;
    lags.push(Math.max(0, (folded[there]?.atMs ?? 0) - (written[at]?.atMs ?? 0)));
  }
  return {
    entries: lags.length,
    p50Ms: percentile(lags, 0.5),
    p99Ms: percentile(lags, 0.99),
    mostMs: percentile(lags, 1),
  };
}
