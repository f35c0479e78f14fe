/** "kma init --join": a KMA joins a cluster (QuickStart mode 2): proves its passphrase, fetches the copy of a member's store, and opens it with the quorum here. What is broken off goes on with the same command. */
import { lookup } from 'node:dns/promises';
import { setTimeout } from 'node:timers/promises';
import { atMember } from '../client/at-member.ts';
import { type EnrolledKma, enrolledKma } from '../client/enrolled-kma.ts';
import { type Place, portOf } from '../client/log-in.ts';
import { isRefusal, type Refusal } from '../core/refusal.ts';
import { type ErrorCode, OpenKmaError } from '../errors.ts';
import type { Credential } from '../operations/operation.ts';
import { PORT_OFFSET_MAX } from '../ports.ts';
import { type FetchedBase, fetchBase, type JoinPort, tellFailed } from '../processes/join/join-client.ts';
import { toldFailure } from '../processes/join/told-failure.ts';
import type { Base } from '../replication/join-messages.ts';
import { SecretBytes } from '../security/secret-bytes.ts';
import { type Joined, makeJoinedDirectory } from '../setup/joined-data-directory.ts';
import { JoiningDirectory } from '../setup/joining-directory.ts';
import { assertFreePlace } from '../setup/new-data-directory.ts';
import { isLoopback, reachObjection } from '../setup/reachable-addresses.ts';
import { selfTestFirst } from '../setup/self-test-first.ts';
import { passphraseOf } from './init-command.ts';
import { type JoinAnswers, joinAnswersSchema } from './join-answers.ts';
import { Pace } from './pace.ts';
import { promptName, promptPassphrase } from './passphrases.ts';
import { readQuorum } from './quorum.ts';
import { trustedPlace } from './trusted-place.ts';

export interface JoinOptions {
  readonly dataDirectory: string;
  /** Of the member. */
  readonly address: string;
  readonly portOffset: number;
  readonly caKeySha256: string | null;
  readonly keepLocked: boolean;
  readonly step: (text: string) => void;
  readonly progress: (done: number, total: number, text: string) => void;
}

const ANSWER_MS = 60_000;
/** The member's port opens a moment after the first entry of another KMA is made, and learns of a new certificate as late; its process may be replaced, too. */
const MAY_PASS: ReadonlySet<ErrorCode> = new Set(['JOIN_BROKEN_OFF', 'MEMBER_UNREACHABLE']);
const TRY_FOR_MS = 10_000;
const AGAIN_MS = 500;

export async function joinCluster(answers: JoinAnswers, options: JoinOptions): Promise<Joined> {
  const place = assertFreePlace(options.dataDirectory);
  await assertReachable(answers, options.address);
  const member = await atMember(() =>
    trustedPlace({ ...options, timeoutMs: ANSWER_MS, otherwise: 'nothing was made' }),
  );
  const result = await selfTestFirst(async () => {
    const joining = await JoiningDirectory.open(place, answers.kmaName);
    try {
      return await joinFrom(joining, member, answers, { ...options, dataDirectory: place });
    } finally {
      joining.close();
    }
  });
  if (isRefusal(result)) throw new OpenKmaError(result.refused, result.detail);
  return result;
}

/** Before anything is asked of the member. The addresses in its entry and the others' are looked at in the copy: it may be called through a tunnel. */
async function assertReachable(answers: JoinAnswers, memberAddress: string): Promise<void> {
  const own = (['managementAddress', 'serviceAddress'] as const).map((what) => ({
    what,
    address: answers[what],
  }));
  const { address } = await lookup(memberAddress).catch(() => ({ address: memberAddress }));
  const wrong = reachObjection(own, isLoopback(address) ? [] : [{ what: 'the member', address }]);
  if (wrong !== null) throw new OpenKmaError('INVALID_PARAMETERS', wrong);
}

async function joinFrom(
  joining: JoiningDirectory,
  member: Place,
  answers: JoinAnswers,
  options: JoinOptions,
): Promise<Joined | Refusal> {
  if (joining.certificate === null) await enrol(joining, member, answers, options);
  const { certificate, identity } = joining;
  if (certificate === null) throw new Error('enrolled without a certificate');
  const quorum = await quorumOf(answers);
  try {
    const { base, memberKeySha256 } = await fetched(joining, member, certificate, options);
    const { kmaId, stateHash } = base;
    const make = () =>
      makeJoinedDirectory({
        ...answers,
        ...{ kmaId, stateHash, quorum, identity, memberKeySha256 },
        dataDirectory: options.dataDirectory,
        basePath: joining.basePath,
        caPem: certificate.caPem,
        keepLocked: options.keepLocked,
        step: options.step,
      });
    const port = memberPort(joining, member, certificate);
    const made = await toldFailure(make, (failed) => tellFailed(port, failed));
    if (isRefusal(made)) joining.removeBase();
    else joining.remove();
    return made;
  } finally {
    for (const { passphrase } of quorum) passphrase.wipe();
  }
}

async function enrol(
  joining: JoiningDirectory,
  place: Place,
  answers: JoinAnswers,
  { step }: JoinOptions,
): Promise<void> {
  const { kmaName } = answers;
  const passphrase = await passphraseOf({ ...answers, name: kmaName }, (owner) =>
    promptPassphrase(`passphrase of ${owner}`, 'a passphraseFile in the answers'),
  );
  step('proving the passphrase of this KMA');
  const publicKey = joining.identity.tlsPublicKey;
  const proof = { place, kmaName, passphrase, publicKey, timeoutMs: ANSWER_MS };
  joining.enrolled(await atMember(() => enrolledKma(proof)));
}

async function fetched(
  joining: JoiningDirectory,
  member: Place,
  certificate: EnrolledKma,
  { step, progress }: JoinOptions,
): Promise<FetchedBase> {
  step('fetching the copy of the store');
  const { incarnationId, logPublicKey, replicationPublicKey } = joining.identity;
  const pace = new Pace();
  let lastMs = performance.now();
  const request = {
    ...memberPort(joining, member, certificate),
    life: { incarnationId, logPublicKey, replicationPublicKey },
    path: joining.basePath,
    onBase: ({ sha256 }: Base) => joining.fetching(sha256),
    progress(done: number, total: number) {
      lastMs = performance.now();
      pace.note(done, total, lastMs);
      progress(done, total, `fetching the copy${pace.byteRate}`);
    },
  };
  for (;;) {
    try {
      return await fetchBase({ ...request, begunSha256: joining.baseSha256 });
    } catch (error) {
      const mayPass = error instanceof OpenKmaError && MAY_PASS.has(error.code);
      if (!mayPass || performance.now() - lastMs > TRY_FOR_MS) throw error;
      await setTimeout(AGAIN_MS);
    }
  }
}

function memberPort(joining: JoiningDirectory, member: Place, certificate: EnrolledKma): JoinPort {
  const privateKeyPem = joining.identity.tlsPrivateKeyPem.reveal().toString('utf8');
  const { address: host } = member;
  return { host, port: portOf(member, 'replication'), tls: { ...certificate, privateKeyPem } };
}

export async function quorumOf({ quorum }: Pick<JoinAnswers, 'quorum'>): Promise<Credential[]> {
  const credentials: Credential[] = [];
  for (const holder of quorum) {
    const text = await passphraseOf(holder, (owner) =>
      promptPassphrase(`passphrase of ${owner}`, 'a passphraseFile in the answers'),
    );
    credentials.push({ name: holder.name, passphrase: SecretBytes.fromText(text) });
  }
  return credentials;
}

/** On a terminal, where the command did not name it. */
export async function askMember(): Promise<{ readonly address: string; readonly portOffset: number }> {
  const address = await promptName('address of a KMA of the cluster', '--join');
  const offset = await promptName('what it adds to every port (Enter: nothing)', '--port-offset');
  if (!/^\d{0,5}$/.test(offset) || Number(offset) > PORT_OFFSET_MAX)
    throw new OpenKmaError('USAGE', `${offset}: 0 to ${PORT_OFFSET_MAX} is possible`);
  return { address, portOffset: Number(offset) };
}

/** On a terminal, where no file has the answers. */
export async function askJoinAnswers(): Promise<JoinAnswers> {
  const instead = '--answers';
  const kmaName = await promptName('name of this KMA, as its entry in the cluster has it', instead);
  const passphrase = await promptPassphrase(`passphrase of ${kmaName}`, instead);
  const managementAddress = await promptName('its address on the management network', instead);
  const serviceAddress = await promptName('its address on the service network', instead);
  const unlock = await promptName('shall it unlock itself after a restart? (yes or no)', instead);
  const quorum = await readQuorum(undefined);
  const given = { kmaName, passphrase, managementAddress, serviceAddress, quorum };
  const answers = joinAnswersSchema.safeParse({ ...given, autonomousUnlock: unlock.toLowerCase() === 'yes' });
  if (answers.success) return answers.data;
  const [issue] = answers.error.issues;
  throw new OpenKmaError('INVALID_PARAMETERS', `${issue?.path.join('.')}: ${issue?.message}`);
}
