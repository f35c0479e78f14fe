/** What the alarms for one SNMP manager are protected with, as people enter it: the fields, what goes together, and the object that is kept. It keeps no passphrase. */
import { z } from 'zod';
import { INTERNAL_ID_BYTES, idFrom, type ObjectId } from '../../core/ids.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import type { Row } from '../../core/tables.ts';
import { sha256Hex } from '../../security/sealing.ts';
import type { SecretBytes } from '../../security/secret-bytes.ts';
import {
  SNMP_AUTHENTICATIONS,
  SNMP_PASSPHRASE_CHARACTERS_MIN,
  SNMP_PRIVACIES,
  type SnmpAuthentication,
  type SnmpPrivacy,
  snmpPrivacyFits,
} from '../../security/snmp-keys.ts';
import { communitySecret, userSecret } from '../../security/snmp-secret.ts';
import type { PrepareContext } from '../contexts.ts';
import { passphrase, text } from '../fields.ts';
import type { NewObject } from '../operation.ts';

const PROTOCOLS = ['v3', 'v2c'] as const;

export const protectionFields = {
  protocol: z.enum(PROTOCOLS).meta({ description: 'version of SNMP: v3, or v2c, which encrypts nothing' }),
  userName: text(1, 32, 'user of version 3 as the manager knows it').refine(
    (value) => Buffer.byteLength(value) <= 32,
    'at most 32 bytes',
  ),
  authentication: z.enum(SNMP_AUTHENTICATIONS).meta({ description: 'hash that signs messages of version 3' }),
  privacy: z.enum(SNMP_PRIVACIES).meta({
    description:
      'cipher of version 3; AES-256 takes SHA-256 or more, DES is for receivers that have nothing else',
  }),
  passphrase: passphrase('passphrase of the user of version 3, or the community of version 2c'),
  privacyPassphrase: passphrase('passphrase for the cipher, where it is another one'),
};

export interface Protection {
  readonly protocol: 'v3' | 'v2c';
  readonly userName: string | null;
  readonly authentication: SnmpAuthentication;
  readonly privacy: SnmpPrivacy;
}
export interface Given {
  readonly passphrase?: SecretBytes | undefined;
  readonly privacyPassphrase?: SecretBytes | undefined;
}

const isKnown = <T extends string>(known: readonly T[], value: string | null): value is T =>
  known.some((one) => one === value);

export function protectionOf(
  row: Row<'snmp_manager'> | undefined,
  input: { readonly [K in keyof Protection]?: Protection[K] | undefined },
): Protection {
  const { authentication = null, privacy = null } = row ?? {};
  return {
    protocol: input.protocol ?? row?.protocol ?? 'v3',
    userName: input.userName ?? row?.userName ?? null,
    authentication:
      input.authentication ?? (isKnown(SNMP_AUTHENTICATIONS, authentication) ? authentication : 'SHA-256'),
    privacy: input.privacy ?? (isKnown(SNMP_PRIVACIES, privacy) ? privacy : 'AES-128'),
  };
}

/** As receivers have it typed into their files. */
const typed = text(1, 255, 'passphrase or community');

/** Why nothing could be sent with it. */
export function unfit(protection: Protection, given: Given): Refusal | null {
  const { protocol, userName, authentication, privacy } = protection;
  const texts = [given.passphrase, given.privacyPassphrase].flatMap((secret) =>
    secret === undefined ? [] : [secret.reveal().toString('utf8')],
  );
  // Half a character became the sign for none.
  if (texts.some((one) => !typed.safeParse(one).success || one.includes('\ufffd')))
    return refuse('INVALID_PASSPHRASE', 'nothing that cannot be seen, and no blanks at the ends');
  if (protocol === 'v2c') return null;
  const short = texts.some((one) => [...one].length < SNMP_PASSPHRASE_CHARACTERS_MIN);
  if (userName === null) return refuse('INVALID_PARAMETERS', 'userName: version 3 needs a user');
  if (short)
    return refuse('INVALID_PASSPHRASE', `SNMP takes none under ${SNMP_PASSPHRASE_CHARACTERS_MIN} characters`);
  return snmpPrivacyFits(authentication, privacy)
    ? null
    : refuse('INVALID_PARAMETERS', `privacy: ${privacy} takes a longer hash than ${authentication}`);
}

function secretBytes(
  { protocol, authentication }: Protection,
  secret: SecretBytes,
  given: Given,
): Uint8Array {
  return protocol === 'v2c'
    ? communitySecret(secret)
    : userSecret(authentication, secret, given.privacyPassphrase ?? secret);
}

export function secretObject(
  context: PrepareContext,
  protection: Protection,
  passphrase: SecretBytes,
  given: Given,
): NewObject {
  const bytes = secretBytes(protection, passphrase, given);
  const id = idFrom<ObjectId>(context.random(INTERNAL_ID_BYTES));
  return { id, class: 'open', kind: 'snmp-secret', owner: '', epoch: '', bytes };
}
export const secretCells = ({ id, bytes }: NewObject) => ({
  secretObjectId: id,
  secretSha256: sha256Hex(bytes),
});
