/** Requests with an idempotency key are carried out once: who repeats one gets the first answer, also after the core was replaced. It runs nothing itself. */
import { hash } from 'node:crypto';
import { canonicalJson } from '@openkma/protocol';
import { z } from 'zod';
import { isRefusal, refuse } from '../../core/refusal.ts';
import { findOperation } from '../../operations/catalogue.ts';
import { identify } from '../../operations/identify.ts';
import { inputFieldsOf } from '../../operations/input-fields.ts';
import type { Operation } from '../../operations/operation.ts';
import type { Store } from '../../store/store.ts';
import type { Answered, CoreAnswer, CoreCall } from './core-call.ts';
import type { KnownKeys } from './known-keys.ts';

interface UnderWay {
  readonly requestSha256: string;
  readonly answer: Promise<CoreAnswer>;
}

const keptAnswer = z.strictObject({
  output: z.unknown(),
  version: z.string().optional(),
  pending: z.string().optional(),
});

export class ReplayedAnswers {
  readonly #store: Store;
  readonly #keys: KnownKeys;
  readonly #now: () => number;
  readonly #underWay = new Map<string, UnderWay>();

  constructor(store: Store, keys: KnownKeys, now: () => number) {
    this.#store = store;
    this.#keys = keys;
    this.#now = now;
  }

  /** `run` gets the call with what the core is to keep in the transaction of its facts. A refusal is not kept: it changed nothing. Neither is a key split, which would outlive its erasure here. */
  async once(
    call: CoreCall,
    key: string | undefined,
    run: (call: CoreCall) => Promise<CoreAnswer>,
  ): Promise<CoreAnswer> {
    const operation = findOperation(call.operation);
    if (key === undefined || operation === undefined || operation.answerNotKept === true) return run(call);
    const userId = this.userOf(operation, call);
    if (userId === null) return run(call);
    const requestSha256 = requestHash(operation, call);
    const place = `${userId} ${key}`;
    const underWay = this.#underWay.get(place);
    const kept = this.#store.idempotency.get(userId, key);
    const known = underWay ?? kept;
    if (known !== undefined && known.requestSha256 !== requestSha256) return refuse('IDEMPOTENCY_KEY_REUSED');
    if (underWay !== undefined) return underWay.answer;
    if (kept !== undefined) return answerIn(kept.answer);
    const answer = run({ ...call, keep: { userId, key, requestSha256 } }).finally(() =>
      this.#underWay.delete(place),
    );
    this.#underWay.set(place, { requestSha256, answer });
    return answer;
  }

  /** Null for who may not do this now, though he may have when he asked first: the run refuses him, with a record. */
  userOf(operation: Operation, { origin, claim }: CoreCall): string | null {
    if (claim.claim !== 'session' || claim.keySha256 === null) return null;
    const nowMs = this.#now();
    const known = this.#keys.find(claim.keySha256, nowMs);
    // What is for monitoring gets nothing that was kept for its user.
    if (known?.purpose !== 'full') return null;
    const caller = identify(this.#store.state, operation, origin, claim, this.#keys, nowMs);
    return isRefusal(caller) ? null : known.user.id;
  }
}

/** What is kept for a repeated request. */
export function keptAnswerText(answer: Answered): string {
  return JSON.stringify(answer);
}

function answerIn(text: string): CoreAnswer {
  const { output, version, pending } = keptAnswer.parse(JSON.parse(text));
  return {
    output,
    ...(version === undefined ? {} : { version }),
    ...(pending === undefined ? {} : { pending }),
  };
}

/** Of what is asked, without passphrases: a hash over one would be something to guess it by. */
export function requestHash(operation: Operation, { input, ifMatch }: CoreCall): string {
  const secret = new Set(
    inputFieldsOf(operation)
      .filter(({ kind }) => kind === 'secret')
      .map(({ name }) => name),
  );
  const fields = z.record(z.string(), z.unknown()).catch({}).parse(input);
  const plain = Object.fromEntries(Object.entries(fields).filter(([name]) => !secret.has(name)));
  return hash('sha256', canonicalJson({ operation: operation.name, ifMatch: ifMatch ?? '', input: plain }));
}
