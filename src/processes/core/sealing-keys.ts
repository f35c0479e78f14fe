/** The private keys with which the core opens credentials that a session's client sealed (docs/proof.md, 11): in memory only, bounded, gone with the process. It judges no credential. */
import { hash } from 'node:crypto';
import { openCredentials, type SealedFor } from '@openkma/protocol';
import { z } from 'zod';
import type { Fingerprint } from '../../core/ids.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import type { Credential } from '../../operations/operation.ts';
import { KEY_SPLIT_SIZE_MAX } from '../../security/key-split-format.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';

/** As many as there are log-ins that are remembered. */
const KEYS_MAX = 10_000;
/** More than anybody types in twelve hours; then he logs in again. */
const BOXES_MAX = 1000;

interface SealingKey {
  readonly privateKey: SecretBytes;
  /** Boxes that were opened: a front that keeps one must not be able to have the same done again. */
  readonly used: Set<string>;
}

const plainCredentials = z
  .array(
    z.strictObject({
      name: z.string().min(1).max(64),
      passphrase: z.string().min(1).max(256),
      new: z.literal(true).optional(),
    }),
  )
  .max(2 * KEY_SPLIT_SIZE_MAX);

export class SealingKeys {
  readonly #keys = new Map<string, SealingKey>();

  /** With the log-in: a later one with the same key takes the place of the earlier. */
  remember(fingerprint: Fingerprint, privateKey: SecretBytes): void {
    this.#forget(fingerprint);
    this.#keys.set(fingerprint, { privateKey, used: new Set() });
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= KEYS_MAX) return;
      this.#forget(oldest);
    }
  }

  /** Keys of log-ins that are over. */
  keepOnly(isOpen: (fingerprint: Fingerprint) => boolean): void {
    for (const fingerprint of [...this.#keys.keys()])
      if (!isOpen(fingerprint as Fingerprint)) this.#forget(fingerprint);
  }

  /** Whether a box of this log-in would still be opened. */
  opens(fingerprint: Fingerprint): boolean {
    const key = this.#keys.get(fingerprint);
    return key !== undefined && key.used.size < BOXES_MAX;
  }

  /** Each box is opened once. */
  open(
    fingerprint: Fingerprint,
    request: Pick<SealedFor, 'operation' | 'input'>,
    box: Uint8Array,
  ): readonly Credential[] | Refusal {
    const key = this.#keys.get(fingerprint);
    if (key === undefined || key.used.size >= BOXES_MAX) return refuse('SEALING_KEY_UNKNOWN');
    const sealedFor = { ...request, clientKeySha256: Buffer.from(fingerprint, 'hex') };
    const opened = openCredentials(key.privateKey.reveal(), sealedFor, box);
    const credentials = opened === null ? null : credentialsIn(opened);
    opened?.fill(0);
    if (credentials === null)
      return refuse('INVALID_PARAMETERS', 'the sealed credentials are not for this request');
    const name = hash('sha256', box, 'hex');
    if (key.used.has(name)) return refuse('INVALID_PARAMETERS', 'the sealed credentials were used before');
    key.used.add(name);
    return credentials;
  }

  #forget(fingerprint: string): void {
    this.#keys.get(fingerprint)?.privateKey.wipe();
    this.#keys.delete(fingerprint);
  }
}

function credentialsIn(text: Buffer): readonly Credential[] | null {
  try {
    const parsed = plainCredentials.safeParse(JSON.parse(text.toString('utf8')));
    return parsed.success
      ? parsed.data.map((given) => ({ ...given, passphrase: SecretBytes.fromText(given.passphrase) }))
      : null;
  } catch {
    return null;
  }
}
