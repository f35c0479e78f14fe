/** The socket of the management front: takes the calls of managers, whom it knows by their keys, and runs operations of people only. It takes no front's word for who calls. */
import type { Server, Socket } from 'node:net';
import type { Fingerprint } from '../../core/ids.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { findOperation } from '../../operations/catalogue.ts';
import type { Operation, Origin } from '../../operations/operation.ts';
import { proofAttempt } from '../../operations/proof/attempt.ts';
import { FRAME_BYTES_MAX, FrameError, FrameSocket } from '../frame.ts';
import { listenPrivately } from '../listen-privately.ts';
import {
  type CoreToManagement,
  type ManagementToCore,
  managementToCore,
  PROBLEM_DETAIL_MAX,
} from '../management-messages.ts';
import { expectMessage } from '../messages.ts';
import type { CoreAnswer, CoreCall } from './core-call.ts';
import { asRefusal, logFailure } from './failure.ts';
import { FrontRate, type FrontRates } from './front-rate.ts';
import type { RunningCore } from './open-core.ts';
import { provenOnce } from './passphrase-proofs.ts';
import { requestHash } from './replayed-answers.ts';

/** The front has one connection, and while it is replaced a second one. */
const CONNECTIONS_MAX = 2;
/** Ten managers, each with some requests one behind the other. */
const CALLS_MAX = 256;
const RATES: FrontRates = { messagesPerSecond: 1_000, bytesPerSecond: 16 * 1024 * 1024 };
/** A front beyond its rate is not read for this long, so that a flood costs the core next to nothing. */
const PAUSE_MS = 50;
/** What is wrong inside is for the log of the KMA. */
const WITHOUT_DETAIL = new Set([
  'SERVER_ERROR',
  'MANAGER_INTERNAL',
  'AUTHENTICATION_FAILED',
  'QUORUM_NOT_MET',
  'ACCESS_DENIED',
]);

type Call = Extract<ManagementToCore, { t: 'call' }>;
type Prove = Extract<ManagementToCore, { t: 'prove' }>;
type Answer = Exclude<CoreToManagement, { t: 'who' }>;

export interface ManagementSocketOptions {
  readonly path: string;
  /** Of the front, where it is another user. */
  readonly groupId: number | null;
  /** Longer answers are told to be too long. */
  readonly frameBytesMax?: number;
}

export function listenForManagers(
  running: RunningCore,
  { path, groupId, frameBytesMax = FRAME_BYTES_MAX }: ManagementSocketOptions,
): Promise<Server> {
  return listenPrivately({ path, groupId, connections: CONNECTIONS_MAX }, (socket) =>
    serve(running, socket, frameBytesMax),
  );
}

function serve(running: RunningCore, socket: Socket, frameBytesMax: number): void {
  const rate = new FrontRate(performance.now(), RATES);
  let calls = 0;
  const frames: FrameSocket = new FrameSocket(socket, {
    maxFrameBytes: frameBytesMax,
    readOnlyWhileDrained: true,
    onMessage: (raw, bytes) => {
      const message = expectMessage(managementToCore, raw);
      const isAsking = message.t === 'call' || message.t === 'prove';
      if (!rate.take(bytes, performance.now()) || (isAsking && calls >= CALLS_MAX))
        return refuseFlood(running, message, socket, frames);
      if (message.t === 'refused')
        return running.refused.count('management', message.reason, message.address, message.count);
      if (message.t === 'who')
        return frames.send({
          t: 'who',
          id: message.id,
          userId: userOf(running, message.keySha256),
        } satisfies CoreToManagement);
      calls += 1;
      (message.t === 'prove' ? answerProof(running, message) : answerCall(running, message))
        .catch((error: unknown) => failureOf(message, error))
        .then((answer) => sendAnswer(frames, answer))
        .catch((error: unknown) => logFailure(error, 'management front'))
        .finally(() => {
          calls -= 1;
        });
    },
    onClose: (error) => {
      if (error !== null) logFailure(error, 'connection of the management front');
    },
  });
}

/** What broke inside tells nobody anything. */
function failureOf({ id, operation }: Call | Prove, error: unknown): Answer {
  return { t: 'problem', id, code: asRefusal(error, operation).refused, known: true };
}

/** Silence would leave the caller waiting for an answer that does not come. */
function sendAnswer(frames: FrameSocket, answer: Answer): void {
  try {
    frames.send(answer);
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    frames.send({ t: 'problem', id: answer.id, code: 'ANSWER_TOO_LONG', known: true } satisfies Answer);
  }
}

/** What is asked gets an answer; what is told is lost. Counted, and audited once a minute. */
function refuseFlood(
  running: RunningCore,
  message: ManagementToCore,
  socket: Socket,
  frames: FrameSocket,
): void {
  running.refused.count('management', 'a front beyond its rate', '');
  // Not even that a key is nobody's: that would end the connection of somebody who is known.
  if (message.t !== 'refused')
    frames.send({
      t: 'problem',
      id: message.id,
      code: 'SERVER_BUSY',
      known: true,
    } satisfies CoreToManagement);
  if (socket.isPaused()) return;
  socket.pause();
  setTimeout(() => socket.resume(), PAUSE_MS);
}

function find(running: RunningCore, key: Fingerprint) {
  const { keys, time } = running.core.parts;
  return keys.find(key, time.nowMs());
}

function userOf(running: RunningCore, keySha256: string | null): string | null {
  if (keySha256 === null) return null;
  return find(running, keySha256 as Fingerprint)?.user.id ?? null;
}

/** From somebody who is nobody yet: the two messages of the proof, and nothing else. */
async function answerProof(running: RunningCore, message: Prove): Promise<Answer> {
  const { id, operation, input, webOrigin, address, localAddress } = message;
  const origin: Origin = { service: 'management', address, localAddress, fingerprint: null, webOrigin };
  const attempt = proofAttempt(operation, input, origin);
  const run = () =>
    running.core.call({
      operation,
      input,
      origin,
      claim: { claim: 'network' },
      claimedName: attempt?.entityId ?? '',
      ...(attempt === null ? {} : { claimedRole: attempt.role }),
    });
  const answer = attempt === null ? await run() : await provenOnce(running, attempt, address, run);
  return isRefusal(answer)
    ? { t: 'problem', id, code: answer.refused, known: false, ...waitOf(answer) }
    : { t: 'reply', id, output: answer.output, became: 'done' };
}

/** How long he has to wait is told alike for every name, also for those that nobody has; nothing else is told to who is nobody yet. */
function waitOf({ refused, detail }: Refusal): { readonly detail?: string } {
  return refused === 'SERVER_BUSY' && detail !== undefined ? { detail } : {};
}

async function answerCall(running: RunningCore, call: Call): Promise<Answer> {
  running.served.count('management');
  const answer = await dispatch(running, call);
  if (isRefusal(answer)) return problemOf(running, call, answer);
  const { output, version, pending, job } = answer;
  return {
    t: 'reply',
    id: call.id,
    output,
    ...(version === undefined ? {} : { version }),
    became: job !== undefined ? 'job' : pending === undefined ? 'done' : 'pending',
  };
}

/** Details are for callers who are somebody, and not where they would help who guesses. */
function problemOf(running: RunningCore, call: Call, { refused, detail }: Refusal): Answer {
  const known = userOf(running, call.origin.keySha256) !== null;
  const told = known && detail !== undefined && !WITHOUT_DETAIL.has(refused);
  return {
    t: 'problem',
    id: call.id,
    code: refused,
    ...(told ? { detail: detail.slice(0, PROBLEM_DETAIL_MAX) } : {}),
    known,
  };
}

/** Operations of people that have a route only; everything else does not exist here (D13). */
function dispatch(running: RunningCore, call: Call): Promise<CoreAnswer> {
  const operation = findOperation(call.operation);
  if (operation?.http === undefined || !Array.isArray(operation.callers))
    return Promise.resolve<Refusal>(refuse('NOT_SUPPORTED'));
  const { address, localAddress } = call.origin;
  const keySha256 = call.origin.keySha256 as Fingerprint | null;
  const origin: Origin = { service: 'management', address, localAddress, fingerprint: keySha256 };
  const coreCall: CoreCall = {
    operation: operation.name,
    input: call.input,
    origin,
    claim: { claim: 'session', keySha256 },
    mayPend: true,
    unattended: call.unattended === true,
    ...(call.ifMatch === undefined ? {} : { ifMatch: call.ifMatch }),
    ...(call.quorum === undefined || keySha256 === null
      ? {}
      : { sealedQuorum: { keySha256, box: call.quorum } }),
  };
  if (operation.job !== undefined) return startJob(running, operation, coreCall, call.idempotencyKey);
  return running.replayed.once(coreCall, call.idempotencyKey, (kept) => running.core.call(kept));
}

/** Who is nobody, or may not, is refused as for any other operation. */
function startJob(
  running: RunningCore,
  operation: Operation,
  call: CoreCall,
  key: string | undefined,
): Promise<CoreAnswer> {
  const userId = running.replayed.userOf(operation, call);
  if (userId === null) return running.core.call(call);
  const { name, changes, job } = operation;
  const request = {
    ...{ userId, operation: name, key, requestSha256: requestHash(operation, call) },
    ...{ changes, onlyWhenLong: job === 'when-long' },
  };
  return running.jobs.start(request, (progress) => running.core.call({ ...call, progress }));
}
