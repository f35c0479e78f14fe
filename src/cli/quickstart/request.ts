/** Makes of the answers of the dialogue what QuickStart is asked for. It keeps no passphrase beside the one it hands on. */
import type { Credential } from '../../operations/operation.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import type { QuickStartAnswers } from '../../setup/run-quickstart.ts';
import { answersSchema } from '../init-answers.ts';
import type { Answers } from './questions.ts';

/** The schema of the answers file has the last word on all of them together. */
export function requestOf(answers: Answers): Omit<QuickStartAnswers, 'dataDirectory' | 'step'> {
  const ids = Array.from(
    { length: Number(answers.get('keySplitSize')) },
    (_, index) => `holder.${index + 1}`,
  );
  const { securityOfficer, credentials, ...settings } = answersSchema.parse({
    kmaName: answers.get('kmaName'),
    managementAddress: answers.get('managementAddress'),
    serviceAddress: answers.get('serviceAddress'),
    minimumTls: answers.get('minimumTls'),
    threshold: Number(answers.get('threshold')),
    credentials: ids.map((id) => ({ name: answers.get(`${id}.name`) })),
    securityOfficer: { name: answers.get('officer.name') },
    autonomousUnlock: answers.get('autonomousUnlock') === 'yes',
    keyPoolSize: Number(answers.get('keyPoolSize')),
    digest: answers.get('digest'),
  });
  return {
    ...settings,
    credentials: credentials.map(({ name }, index) => credentialOf(answers, name, ids[index] ?? '')),
    officer: credentialOf(answers, securityOfficer.name, 'officer'),
  };
}

/** With the name as the schema has it: in one spelling. */
function credentialOf(answers: Answers, name: string, id: string): Credential {
  const passphrase = answers.get(`${id}.passphrase`);
  if (!(passphrase instanceof SecretBytes)) throw new Error(`no passphrase of ${id}`);
  return { name, passphrase };
}
