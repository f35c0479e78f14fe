/** Runs QuickStart on a new data directory: makes the foundation, commits it with its audit record, writes the local files. It starts no service. */
import { X509Certificate } from 'node:crypto';
import { hostname } from 'node:os';
import { isRefusal, type Refusal, refuse } from '../core/refusal.ts';
import type { Credential } from '../operations/operation.ts';
import { quickStart } from '../operations/quickstart.ts';
import { checkPassphraseRules } from '../security/passphrase-rules.ts';
import { sha256Hex } from '../security/sealing.ts';
import type { DataDirectory } from '../store/data-directory.ts';
import { openStore } from '../store/store.ts';
import { enableAutonomousUnlock } from './autonomous-unlock-files.ts';
import { makeFoundation } from './foundation.ts';
import { writeIdentity } from './local-identity.ts';
import { buildDataDirectory } from './new-data-directory.ts';
import { runAlone } from './run-alone.ts';
import { selfTestFirst } from './self-test-first.ts';

export interface QuickStartAnswers {
  readonly dataDirectory: string;
  readonly kmaName: string;
  readonly threshold: number;
  readonly credentials: readonly Credential[];
  readonly officer: Credential;
  readonly autonomousUnlock: boolean;
  readonly keyPoolSize: number;
  readonly digest: 'SHA-1' | 'SHA-256';
  readonly minimumTls: '1.0' | '1.1' | '1.2' | '1.3';
  readonly serviceAddress: string;
  readonly managementAddress: string;
  /** Told what is begun. */
  readonly step: (text: string) => void;
}

export interface QuickStarted {
  readonly kmaId: string;
  /** Of the DER form; it survives a renewal of the root CA's certificate. */
  readonly caPublicKeySha256: string;
}

/** Nothing is left behind when it refuses or fails, and nothing in the way when it is killed. */
export async function runQuickStart(answers: QuickStartAnswers): Promise<QuickStarted | Refusal> {
  const broken = brokenAnswer(answers);
  return (
    broken ??
    selfTestFirst(() => buildDataDirectory(answers.dataDirectory, (directory) => found(directory, answers)))
  );
}

function brokenAnswer(answers: QuickStartAnswers): Refusal | null {
  const names = answers.credentials.map((credential) => credential.name);
  if (new Set(names).size !== names.length)
    return refuse('INVALID_PARAMETERS', 'key split names must differ');
  if (answers.threshold > names.length)
    return refuse('INVALID_PARAMETERS', 'the threshold is greater than the key split size');
  for (const { name, passphrase } of [...answers.credentials, answers.officer]) {
    const broken = checkPassphraseRules(passphrase.reveal().toString('utf8'), name);
    if (broken !== null) return refuse(broken.refused, `${name}: ${broken.detail}`);
  }
  return null;
}

async function found(directory: DataDirectory, answers: QuickStartAnswers): Promise<QuickStarted | Refusal> {
  const foundation = await makeFoundation({ ...answers, nowMs: Date.now() });
  answers.step('writing the store and its first audit record');
  const { kmaId, incarnationId } = foundation.identity;
  const store = openStore({ path: directory.databasePath, mode: 'create' });
  const done = runAlone(
    store,
    { kmaId, incarnationId, kmaName: answers.kmaName },
    quickStart,
    {
      kmaName: answers.kmaName,
      officerName: answers.officer.name,
      threshold: answers.threshold,
      credentialNames: answers.credentials.map((credential) => credential.name),
      keyPoolSize: answers.keyPoolSize,
      digest: answers.digest,
      minimumTls: answers.minimumTls,
      serviceAddress: answers.serviceAddress,
      managementAddress: answers.managementAddress,
      hostName: hostname(),
    },
    foundation,
  );
  store.close();
  if (isRefusal(done)) return done;
  writeIdentity(directory, foundation.identity, answers.kmaName);
  if (answers.autonomousUnlock) enableAutonomousUnlock(directory, foundation.rootKeyMaterial);
  foundation.rootKeyMaterial.wipe();
  return { kmaId, caPublicKeySha256: publicKeySha256(foundation.certificatePem) };
}

function publicKeySha256(certificatePem: string): string {
  const { publicKey } = new X509Certificate(certificatePem);
  return sha256Hex(publicKey.export({ type: 'spki', format: 'der' }));
}
