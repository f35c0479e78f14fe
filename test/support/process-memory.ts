/** Looks for known values in the memory of a running process, V8's heap and everything outside it, as bytes and as the texts they travel as. It changes nothing. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const PIECE_BYTES = 4 * 1024 * 1024;

/** The forms of one secret. */
export function formsOf(secret: Uint8Array): Buffer[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const texts = [hex, hex.toUpperCase(), bytes.toString('base64').replace(/=+$/, '')];
  return [bytes, ...texts.flatMap((text) => [Buffer.from(text, 'latin1'), Buffer.from(text, 'utf16le')])];
}

/** How many of the secrets stand in the memory of the process in any form; null where it may not be read. */
export function remainsIn(pid: number, secrets: readonly Uint8Array[]): number | null {
  const forms = secrets.map(formsOf);
  const found = new Set<number>();
  const memory = openMemory(pid);
  if (memory === null) return null;
  try {
    for (const region of writableRegions(pid))
      for (const piece of piecesOf(memory, region))
        for (const [index, wanted] of forms.entries())
          if (!found.has(index) && wanted.some((form) => piece.includes(form))) found.add(index);
  } finally {
    closeSync(memory);
  }
  return found.size;
}

function openMemory(pid: number): number | null {
  try {
    return openSync(`/proc/${pid}/mem`, 'r');
  } catch {
    return null;
  }
}

interface Region {
  readonly start: number;
  readonly end: number;
}

function writableRegions(pid: number): Region[] {
  return readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, start, end] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      return start === undefined || end === undefined
        ? []
        : [{ start: Number.parseInt(start, 16), end: Number.parseInt(end, 16) }];
    });
}

/** Overlapping by the longest form, so that none is cut in two. */
function* piecesOf(memory: number, { start, end }: Region): Generator<Buffer> {
  const piece = Buffer.alloc(PIECE_BYTES);
  for (let at = start; at < end; at += PIECE_BYTES - 512) {
    let length = 0;
    try {
      length = readSync(memory, piece, 0, Math.min(PIECE_BYTES, end - at), at);
    } catch {
      // Reserved and not there, or gone meanwhile.
    }
    if (length > 0) yield piece.subarray(0, length);
  }
}
