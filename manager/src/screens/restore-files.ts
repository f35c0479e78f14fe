/** Sends a file to restore from, piece by piece, and goes on after what the KMA has of it already, also when the page was loaded anew meanwhile. It opens none. */
import { call } from '../api/call.ts';
import { operation } from '../api/catalogue.ts';
import { toBase64 } from '../proof/bytes.ts';
import { sha256Of } from './file-hash.ts';

/** In the order in which they are sent, the large one last; the field of the restore that takes its hash. */
export const RESTORE_PARTS = [
  { part: 'core-security', field: 'coreSecuritySha256' },
  { part: 'key', field: 'keySha256' },
  { part: 'backup', field: 'backupSha256' },
] as const;
export type RestorePart = (typeof RESTORE_PARTS)[number]['part'];

const PIECE_BYTES = 128 * 1024;

/** The SHA-256 of the file, upper-case hex. */
export async function sentFile(
  part: RestorePart,
  file: File,
  progress: (percent: number) => void,
): Promise<string> {
  const send = operation('sendRestoreFile');
  for (let offset = await there(part, file); offset < file.size; offset += PIECE_BYTES) {
    const piece = new Uint8Array(await file.slice(offset, offset + PIECE_BYTES).arrayBuffer());
    await call(send, { part, offset, bytes: toBase64(piece) });
    progress(Math.floor((100 * Math.min(offset + PIECE_BYTES, file.size)) / file.size));
  }
  return sha256Of(file);
}

/** How much of this very file the KMA has. */
async function there(part: RestorePart, file: File): Promise<number> {
  const { files } = (await call(operation('showRestoreFiles'), {})).body as {
    readonly files: readonly { readonly part: string; readonly bytes: number; readonly sha256: string }[];
  };
  const found = files.find((one) => one.part === part);
  if (found === undefined || found.bytes === 0 || found.bytes > file.size) return 0;
  return (await sha256Of(file.slice(0, found.bytes))) === found.sha256 ? found.bytes : 0;
}
