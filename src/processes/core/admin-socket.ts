/** The Unix socket of the appliance command in the data directory (0600): users with passphrases and quorums, no fronts. It runs only operations that have a command. */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { UserId } from '../../core/ids.ts';
import { byName } from '../../core/live.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { findOperation } from '../../operations/catalogue.ts';
import type { Claim } from '../../operations/identify.ts';
import { checkPassphrase } from '../../security/passphrase-verifier.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { FrameSocket } from '../frame.ts';
import { type AdminToCore, adminToCore, type CoreToAdmin, expectMessage } from '../messages.ts';
import { APPLIANCE, type CoreAnswer } from './core-call.ts';
import { asRefusal } from './failure.ts';
import type { RunningCore } from './open-core.ts';
import { AT_APPLIANCE, type ProofOutcome } from './proof-attempts.ts';

const CONNECTIONS_MAX = 32;

export function listenForAdministrators(running: RunningCore): Promise<Server> {
  const path = running.directory.adminSocketPath;
  rmSync(path, { force: true });
  const server = createServer((socket) => serve(running, socket));
  server.maxConnections = CONNECTIONS_MAX;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve(server);
    });
  });
}

function serve(running: RunningCore, socket: Socket): void {
  const frames: FrameSocket = new FrameSocket(socket, {
    onMessage: (raw) => {
      const message = expectMessage(adminToCore, raw);
      answer(running, message, (progress) => frames.send(progress))
        .then((reply) => frames.send(toMessage(message.id, reply)))
        .catch((error: unknown) => {
          frames.send(toMessage(message.id, asRefusal(error, message.operation)));
        });
    },
    onClose: () => undefined,
  });
}

function toMessage(id: number, answer: CoreAnswer): CoreToAdmin {
  if (!isRefusal(answer)) return { t: 'reply', id, output: answer.output };
  const detail = answer.detail === undefined ? {} : { detail: answer.detail.slice(0, 8192) };
  return { t: 'refused', id, code: answer.refused, ...detail };
}

async function answer(
  running: RunningCore,
  message: AdminToCore,
  send: (progress: CoreToAdmin) => void,
): Promise<CoreAnswer> {
  const operation = findOperation(message.operation);
  if (operation?.command === undefined) return refuse('NOT_SUPPORTED', message.operation);
  const { health } = running.core.parts;
  const obstacle = health.stopped ? health.obstacle(operation) : null;
  if (obstacle !== null) return obstacle;
  const claim = await claimOf(running, message, operation.callers);
  if (isRefusal(claim)) {
    await running.core.records.refusedCall(operation, message.user?.name ?? '', claim);
    return claim;
  }
  const quorum = message.quorum.map(({ passphrase, ...rest }) => ({
    ...rest,
    passphrase: SecretBytes.fromText(passphrase),
  }));
  running.served.count('management');
  const progress = (done: number, total: number, text: string) =>
    send({ t: 'progress', id: message.id, done, total, text });
  try {
    return await running.core.call({
      operation: operation.name,
      input: message.input,
      origin: APPLIANCE,
      claim,
      claimedName: claim.claim === 'user' ? (message.user?.name ?? '') : '',
      quorum,
      progress,
    });
  } finally {
    for (const { passphrase } of quorum) passphrase.wipe();
  }
}

/** Operations for the appliance itself that have a command need no user: who opens this socket owns the data directory. */
async function claimOf(
  running: RunningCore,
  message: AdminToCore,
  callers: unknown,
): Promise<Claim | Refusal> {
  if (callers === 'local') return { claim: 'appliance' };
  if (message.user === undefined) return refuse('AUTHENTICATION_FAILED', 'name a user with --user');
  const { name, passphrase } = message.user;
  const attempt = running.attempts.begin(
    { kind: 'user', name, source: AT_APPLIANCE },
    running.core.parts.time.nowMs(),
  );
  if (isRefusal(attempt)) return attempt;
  const { store } = running.core.parts;
  const user = byName(store.state, 'user', name);
  const usable =
    user !== undefined && user.enabled === 1 && user.proofDisabled !== 1 && user.verifierObjectId !== null;
  const given = SecretBytes.fromText(passphrase);
  let outcome: ProofOutcome = 'unseen';
  try {
    const verifier = usable ? store.getObject(user.verifierObjectId ?? '') : undefined;
    outcome = (await checkPassphrase(verifier?.bytes ?? null, given)) ? 'proven' : 'failed';
  } finally {
    given.wipe();
    attempt.end(outcome);
  }
  if (outcome !== 'proven' || user === undefined) return refuse('AUTHENTICATION_FAILED');
  return { claim: 'user', userId: user.id as UserId, verifierObjectId: user.verifierObjectId ?? '' };
}
