/** What becomes of a copy where its chain goes on behind a gap: it begins anew only where this KMA's own retention would keep nothing of it. It takes no record. */
import { setImmediate as turn } from 'node:timers/promises';
import { type ChainName, type ChainPlace, chainId, headText } from '../../core/audit.ts';
import { logKeyOfLife } from '../../core/life.ts';
import { verifyText } from '../../security/log-signing.ts';
import { retentionLimit } from './audit-retention.ts';
import type { Core } from './core.ts';

/** Looked at in one turn: agents wait for it. */
const LOOKED_AT = 5_000;
/** The clocks of two members are never farther apart, or one of them is odd: its KMA may have cut a moment before it is due here. */
const CLOCKS_APART_MS = 10 * 60 * 1000;

/** Why nothing of it would be kept: all of it is too old; or so much has followed it, as its life has signed. Null where something stays. */
export type Due = 'by age' | 'by number' | null;

/** `signedSeq`: as far as the life of the chain has signed, or 0 where it has not. */
export async function dueAltogether(core: Core, name: ChainName, signedSeq: number): Promise<Due> {
  const { store, clock } = core.parts;
  const { incarnationId, term } = name;
  const chain = store.audit.chain(incarnationId, term);
  if (chain === null) return 'by age';
  const limit = retentionLimit(core, term);
  // By a clock that is years ahead everything would be old.
  const oldestMs = clock.odd() === null ? limit.oldestMs + CLOCKS_APART_MS : 0;
  const isYoungBehind = async (seq: number, through: number) => {
    for (let to = through; to > seq; to -= LOOKED_AT) {
      if (store.audit.isYoungWithin(name, Math.max(seq, to - LOOKED_AT), to, oldestMs)) return true;
      await turn();
    }
    return false;
  };
  const { firstSeq, lastSeq } = chain;
  const kept = Math.max(firstSeq - 1, Math.max(signedSeq, signedHeadSeq(core, name)) - limit.records);
  if (await isYoungBehind(kept, lastSeq)) return null;
  return (await isYoungBehind(firstSeq - 1, Math.min(kept, lastSeq))) ? 'by number' : 'by age';
}

/** 0 where no head is known: any member may write the fact, and only the life of the chain has the key. */
function signedHeadSeq({ parts: { store } }: Core, name: ChainName): number {
  const head = store.state.get('audit_head', chainId(name));
  const life = store.state.get('incarnation', name.incarnationId);
  if (head?.seq == null || head.hash === null || life === undefined) return 0;
  const { seq, hash, signature } = head;
  return verifyText(logKeyOfLife(life) ?? '', headText({ ...name, seq, hash }), signature ?? '') ? seq : 0;
}

export function gapText(here: ChainPlace, start: ChainPlace): string {
  const [from, to] = [here.seq + 1, start.seq];
  return from === to ? `record ${from} is missing` : `records ${from} to ${to} are missing`;
}
