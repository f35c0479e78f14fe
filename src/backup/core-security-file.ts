/** The core security backup file: the key split that a quorum can open, and which root key material it gives. It holds nothing in the clear. */
import { z } from 'zod';
import { type Refusal, refuse } from '../core/refusal.ts';
import { sha256Hex } from '../security/sealing.ts';

export const CORE_SECURITY_FORMAT = 'openkma core security backup 1';
const FILE_BYTES_MAX = 1024 * 1024;

const schema = z.strictObject({
  format: z.literal(CORE_SECURITY_FORMAT),
  backupId: z.string().regex(/^[0-9A-F]{32}$/),
  kmaName: z.string().max(64),
  createdAt: z.iso.datetime(),
  rootEpochId: z.string().regex(/^[0-9A-F]{32}$/),
  keySplitId: z.string().regex(/^[0-9A-F]{32}$/),
  /** The self-protected key split object, base64. */
  keySplit: z.base64().max(FILE_BYTES_MAX),
});
export type CoreSecurityFile = z.infer<typeof schema>;

/** One JSON document; its last line is the SHA-256 of what stands before, so that damage is told apart from a wrong passphrase. */
export function writeCoreSecurityFile(content: Omit<CoreSecurityFile, 'format'>): string {
  return sealText(JSON.stringify({ format: CORE_SECURITY_FORMAT, ...content }, null, 2));
}

export function readCoreSecurityFile(text: string): CoreSecurityFile | Refusal {
  return readSealedText(text, FILE_BYTES_MAX, schema, 'core security backup');
}

/** Appends the line `sha256 <hex>`. */
export function sealText(json: string): string {
  return `${json}\nsha256 ${sha256Hex(Buffer.from(json))}\n`;
}

/** Checks the last line and the schema; any fault is one refusal that names the file. */
export function readSealedText<T>(
  text: string,
  maxBytes: number,
  content: z.ZodType<T>,
  what: string,
): T | Refusal {
  const match = /^([\s\S]*)\nsha256 ([0-9A-F]{64})\n$/.exec(text);
  const damaged = refuse('BACKUP_FILE_INVALID', `the ${what} file is damaged or not such a file`);
  if (text.length > maxBytes || match?.[1] === undefined) return damaged;
  if (sha256Hex(Buffer.from(match[1])) !== match[2]) return damaged;
  try {
    const parsed = content.safeParse(JSON.parse(match[1]));
    return parsed.success ? parsed.data : damaged;
  } catch {
    return damaged;
  }
}
