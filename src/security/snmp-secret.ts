/** What is kept to protect the alarms for one SNMP manager: keys made of passphrases, or a community. As bytes of an object; never a passphrase. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { SecretBytes } from './secret-bytes.ts';
import { SNMP_AUTHENTICATIONS, type SnmpAuthentication, snmpKey } from './snmp-keys.ts';

const FORMAT = 'openkma snmp secret 1';
const PAD_BYTES = 32;
const BYTES_MAX = 2048;

const keyText = z.base64().min(4).max(512);
const common = {
  format: z.literal(FORMAT),
  /** Facts name the object by its hash; the pad keeps that from being a check value of a passphrase. */
  pad: z.base64().length(Math.ceil(PAD_BYTES / 3) * 4),
};
const secretSchema = z.discriminatedUnion('protocol', [
  z.strictObject({
    ...common,
    protocol: z.literal('v3'),
    authentication: z.enum(SNMP_AUTHENTICATIONS),
    authenticationKey: keyText,
    privacyKey: keyText,
  }),
  z.strictObject({ ...common, protocol: z.literal('v2c'), community: keyText }),
]);

/** Base64 where it is secret: it goes on to the process that sends. */
export type SnmpSecret =
  | {
      readonly protocol: 'v3';
      readonly authentication: SnmpAuthentication;
      readonly authenticationKey: string;
      readonly privacyKey: string;
    }
  | { readonly protocol: 'v2c'; readonly community: string };

/** Both keys are made with the hash of the authentication, as receivers do it. */
export function userSecret(
  authentication: SnmpAuthentication,
  passphrase: SecretBytes,
  privacyPassphrase: SecretBytes,
): Uint8Array {
  const authenticationKey = keyOf(passphrase, authentication);
  const privacyKey = keyOf(privacyPassphrase, authentication);
  return written({ protocol: 'v3', authentication, authenticationKey, privacyKey });
}

export function communitySecret(community: SecretBytes): Uint8Array {
  return written({ protocol: 'v2c', community: community.reveal().toString('base64') });
}

/** Throws where the object is damaged. */
export function readSnmpSecret(bytes: Uint8Array): SnmpSecret {
  if (bytes.length > BYTES_MAX) throw new Error('an SNMP secret is damaged');
  const {
    format: _format,
    pad: _pad,
    ...secret
  } = secretSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  return secret;
}

function written(secret: SnmpSecret): Uint8Array {
  const pad = randomBytes(PAD_BYTES).toString('base64');
  return Buffer.from(JSON.stringify({ format: FORMAT, ...secret, pad }), 'utf8');
}

function keyOf(passphrase: SecretBytes, authentication: SnmpAuthentication): string {
  const key = snmpKey(passphrase, authentication);
  const text = key.reveal().toString('base64');
  key.wipe();
  return text;
}
