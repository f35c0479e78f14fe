/** Seals what key holders have typed, for one request of the session that is open. It asks nobody for anything. */
import type { Input } from '../api/call.ts';
import type { Operation } from '../api/catalogue.ts';
import { sealingKey } from '../api/sealing-key.ts';
import { type Credential, seal } from '../proof/sealed-credentials.ts';
import type { Session } from '../shell/session.tsx';
import { TEXTS } from '../texts/en.ts';

/** Null where nobody has typed anything; a row that was left empty counts for nothing. */
export async function sealedQuorum(
  { id, quorum }: Operation,
  input: Input,
  credentials: readonly Credential[],
  { key }: Session,
): Promise<string | null> {
  const given = credentials.filter(({ name, passphrase }) => name !== '' && passphrase !== '');
  if (quorum === false || given.length === 0) return null;
  const to = sealingKey(key);
  if (to === null) throw new Error(TEXTS.cannotSeal);
  const name = `${id.charAt(0).toUpperCase()}${id.slice(1)}`;
  return seal(given, { session: key, sealingKey: to, operation: name, input });
}
