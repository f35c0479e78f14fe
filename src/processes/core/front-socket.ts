/** The socket of the fronts: takes their calls, holds each to the operations of the service it names, and gives no detail away. */
import type { Server, Socket } from 'node:net';
import { OPERATIONS } from '@openkma/protocol';
import { z } from 'zod';
import type { Fingerprint } from '../../core/ids.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { ErrorCode } from '../../errors.ts';
import { type Claim, holderOf } from '../../operations/identify.ts';
import type { Origin } from '../../operations/operation.ts';
import { proofAttempt } from '../../operations/proof/attempt.ts';
import { FrameSocket } from '../frame.ts';
import { listenPrivately } from '../listen-privately.ts';
import { type CoreToFront, expectMessage, type FrontToCore, frontToCore } from '../messages.ts';
import type { CoreAnswer } from './core-call.ts';
import { logFailure } from './failure.ts';
import { FrontRate, type FrontRates } from './front-rate.ts';
import type { RunningCore } from './open-core.ts';
import { provenOnce } from './passphrase-proofs.ts';

/** A front that has more than this under way is not ours any more, or overrun; further calls are answered busy. */
const CALLS_MAX = 4096;
const FRONT_FRAME_BYTES_MAX = 256 * 1024;
/** A front beyond its rate is not read for this long, so that a flood costs the core next to nothing. */
const PAUSE_MS = 50;

/** Each front has one connection, and while it is replaced a second one; more are nobody's. */
const CONNECTIONS_PER_FRONT = 2;

export interface FrontSocketOptions {
  readonly path: string;
  /** Of the fronts, where they are another user. */
  readonly groupId: number | null;
  readonly fronts: number;
  readonly rates?: FrontRates;
}

export function listenForFronts(
  running: RunningCore,
  { path, groupId, fronts, rates }: FrontSocketOptions,
): Promise<Server> {
  return listenPrivately({ path, groupId, connections: fronts * CONNECTIONS_PER_FRONT }, (socket) =>
    serve(running, socket, new FrontRate(performance.now(), rates)),
  );
}

function serve(running: RunningCore, socket: Socket, rate: FrontRate): void {
  let calls = 0;
  const frames: FrameSocket = new FrameSocket(socket, {
    maxFrameBytes: FRONT_FRAME_BYTES_MAX,
    readOnlyWhileDrained: true,
    onMessage: (raw, bytes) => {
      const message = expectMessage(frontToCore, raw);
      if (!rate.take(bytes, performance.now())) return refuseFlood(running, message, socket, frames);
      if (message.t !== 'call') return serveSession(running, message, (answer) => frames.send(answer));
      if (calls >= CALLS_MAX) return refuseBusy(running, message.id, frames);
      calls += 1;
      answerCall(running, message)
        .then((answer) => {
          try {
            frames.send(answer);
          } finally {
            if (answer.t === 'reply') wipeKeysIn(answer.output);
          }
        })
        .catch((error: unknown) => {
          logFailure(error, 'front');
          // Such as a reply beyond the frame's limit: the front must not wait in vain.
          frames.send({ t: 'fault', id: message.id, code: 'SERVER_ERROR' } satisfies CoreToFront);
        })
        .finally(() => {
          calls -= 1;
        });
    },
    onClose: (error) => {
      if (error !== null) logFailure(error, 'front connection');
    },
  });
}

function refuseBusy(running: RunningCore, id: number, frames: FrameSocket): void {
  running.served.count('busy');
  frames.send({ t: 'fault', id, code: 'SERVER_BUSY' } satisfies CoreToFront);
}

/** What is asked gets an answer; what is told is lost. Counted, and audited once a minute. */
function refuseFlood(running: RunningCore, message: FrontToCore, socket: Socket, frames: FrameSocket): void {
  const service = message.t === 'call' ? message.origin.service : message.service;
  running.refused.count(service, 'a front beyond its rate', '');
  if (message.t === 'call') refuseBusy(running, message.id, frames);
  if (message.t === 'session-get')
    frames.send({ t: 'session', id: message.id, data: null } satisfies CoreToFront);
  if (socket.isPaused()) return;
  socket.pause();
  setTimeout(() => socket.resume(), PAUSE_MS);
}

function serveSession(
  running: RunningCore,
  message: Exclude<FrontToCore, { t: 'call' }>,
  send: (answer: CoreToFront) => void,
): void {
  const { memory, time } = running.core.parts;
  const { sessions } = memory;
  if (message.t === 'session-put') sessions.put(message.service, message.key, message.data, time.nowMs());
  else if (message.t === 'session-get')
    send({ t: 'session', id: message.id, data: sessions.get(message.service, message.key, time.nowMs()) });
  else running.refused.count(message.service, message.reason, message.address, message.count);
}

async function answerCall(
  running: RunningCore,
  call: Extract<FrontToCore, { t: 'call' }>,
): Promise<CoreToFront> {
  const startMs = performance.now();
  const answer = await dispatch(running, call);
  if (call.origin.service === 'agent')
    running.served.countAgent(call.origin.fingerprint as Fingerprint | null, {
      operation: call.operation,
      refused: isRefusal(answer),
      durationMs: performance.now() - startMs,
    });
  if (!isRefusal(answer)) return { t: 'reply', id: call.id, output: answer.output };
  if (answer.refused === 'SERVER_BUSY') running.served.count('busy');
  return { t: 'fault', id: call.id, code: forCallers(answer.refused) };
}

/** A reply's keys, plain ones among them, once they have been written out: `key` of one answer, or of each of its `keys`. */
function wipeKeysIn(output: unknown): void {
  const { success, data } = replyWithKeys.safeParse(output);
  if (!success) return;
  for (const { key } of [data.key ?? [], data.keys ?? []].flat()) key.fill(0);
}
const keyInReply = z.object({ key: z.instanceof(Uint8Array) });
const replyWithKeys = z.object({ key: keyInReply.optional(), keys: z.array(keyInReply).optional() });

/** A service's operations only; everything else does not exist for it (D13). */
function dispatch(running: RunningCore, call: Extract<FrontToCore, { t: 'call' }>): Promise<CoreAnswer> {
  if (serviceOf(call.operation) !== call.origin.service)
    return Promise.resolve<Refusal>(refuse('NOT_SUPPORTED'));
  const { keySha256, ...seen } = call.origin;
  const origin = { ...seen, fingerprint: seen.fingerprint as Fingerprint | null };
  const attempt = proofAttempt(call.operation, call.input, origin);
  const run = () =>
    running.core.call({
      operation: call.operation,
      input: call.input,
      origin,
      claim: claimOf(running, origin, keySha256 as Fingerprint | null | undefined),
      claimedName: attempt?.entityId ?? '',
      ...(attempt === null ? {} : { claimedRole: attempt.role }),
    });
  return attempt === null ? run() : provenOnce(running, attempt, origin.address, run);
}

/** Who shows no certificate of an agent at discovery is a manager, known by his key (D7), or nobody. */
function claimOf(
  running: RunningCore,
  origin: Pick<Origin, 'service' | 'fingerprint'>,
  keySha256: Fingerprint | null | undefined,
): Claim {
  const ofAgent = holderOf(running.core.parts.store.state, origin) !== null;
  return origin.service === 'discovery' && keySha256 != null && !ofAgent
    ? { claim: 'session', keySha256 }
    : { claim: 'network' };
}

function serviceOf(operation: string): string | undefined {
  return Object.hasOwn(OPERATIONS, operation)
    ? OPERATIONS[operation as keyof typeof OPERATIONS].service
    : undefined;
}

/** The families of codes are one for a caller from the network; a register row of ours reads as what an agent knows (protocol 9). */
function forCallers(code: ErrorCode): ErrorCode {
  if (code === 'INVALID_PARAMETERS') return 'AGENT_INVALID_PARAMETERS';
  if (code === 'SESSION_UNKNOWN') return 'ACCESS_DENIED';
  return code === 'APPLIANCE_LOCKED' ? 'AGENT_APPLIANCE_LOCKED' : code;
}
