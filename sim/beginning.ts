/** Begins a life of a simulated store with the operation that production begins it with: as a copy, by joining, from a backup. It stops and starts no machine. */

import type { LogEntry } from '../src/core/facts.ts';
import { INCARNATION_ID_BYTES, type IncarnationId, idFrom } from '../src/core/ids.ts';
import { isRefusal } from '../src/core/refusal.ts';
import { type Hlc, stampOf } from '../src/core/stamp.ts';
import type { Operation, Self } from '../src/operations/operation.ts';
import type { Random } from './random.ts';
import type { Seams } from './seams.ts';
import type { Store } from './store.ts';

const LOG_KEY_BYTES = 32;

/** What a life is known by. */
export interface Life {
  readonly incarnationId: IncarnationId;
  readonly logPublicKey: string;
  readonly replicationPublicKey: string;
}

/** The operation with what it asks for beside the life's keys and its base. */
export interface Beginning {
  readonly operation: Operation;
  readonly input: object;
}

export function newLife(random: Random): Life {
  return {
    incarnationId: idFrom<IncarnationId>(random.bytes(INCARNATION_ID_BYTES)),
    logPublicKey: idFrom<string>(random.bytes(LOG_KEY_BYTES)),
    replicationPublicKey: idFrom<string>(random.bytes(LOG_KEY_BYTES)),
  };
}

export interface BeginningSupport {
  readonly store: Store;
  readonly random: Random;
  readonly nowMs: number;
  readonly nextHlc: Seams['nextHlc'];
}

/** Entry 1 of its log. `clock`: of the entry, where it is not to be the next reading; `repeated`: what follows, of a log that others have another end of. */
export function begin(
  { store, random, nowMs, nextHlc }: BeginningSupport,
  self: Self,
  { logPublicKey, replicationPublicKey }: Life,
  { operation, input }: Beginning,
  clock: Hlc | null = null,
  repeated: readonly LogEntry[] = [],
): void {
  const { incarnationId } = self;
  const given = operation.input.parse({
    ...input,
    logPublicKey,
    replicationPublicKey,
    baseVector: {
      ...store.vector(),
      ...(repeated.length > 0 ? { [incarnationId]: repeated.length + 1 } : {}),
    },
  });
  const context = {
    state: store.state,
    self,
    origin: { service: 'local', address: '', localAddress: '', fingerprint: null },
    caller: { kind: 'local' },
    nowMs,
    load: 0,
    nextSeq: 1,
    unlocked: true,
    random: (bytes: number) => random.bytes(bytes),
  } as const;
  const decided = operation.decide?.(given, context, undefined);
  if (decided === undefined || isRefusal(decided)) throw new Error(`${operation.name} begins no life`);
  const stamp = stampOf(clock ?? nextHlc(store.lastStamp(), nowMs), incarnationId);
  const entry = { v: 1, stamp, operation: operation.name, facts: decided.facts } as const;
  store.transaction(() => {
    for (const one of [entry, ...repeated])
      store.append(incarnationId, one, Buffer.from(JSON.stringify(one)));
  });
  store.sync();
}
