/** A new passphrase as operations take it: held to the rules, and turned into the verifier that is kept of it. It stores nothing. */
import type { Refusal } from '../core/refusal.ts';
import { readSetting } from '../core/settings.ts';
import { checkPassphraseRules } from '../security/passphrase-rules.ts';
import type { SecretBytes } from '../security/secret-bytes.ts';
import type { PrepareContext } from './contexts.ts';
import type { NewObject } from './operation.ts';

/** Why the passphrase breaks the rules, or null; the state is only asked for the minimum length. */
export function brokenRule(context: PrepareContext, entity: string, secret: SecretBytes): Refusal | null {
  const minimum = readSetting(context.state, 'passphraseMinimumLength');
  return checkPassphraseRules(secret.reveal().toString('utf8'), entity, minimum);
}

export async function newVerifier(
  context: PrepareContext,
  entity: string,
  secret: SecretBytes,
): Promise<NewObject | Refusal> {
  return brokenRule(context, entity, secret) ?? context.security.makeVerifier(entity, secret);
}
