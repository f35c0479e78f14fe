/** The built pages of the web Manager, read once into memory: each file under its own path, and for every place inside the Manager its own page or the common one. It takes nothing from a request but a name to look up. */
import { globSync, readFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

/** A file as it is sent. */
export interface PageFile {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The same, compressed; null where that saves nothing. */
  readonly compressed: Buffer | null;
}

export interface Pages {
  /** Null where there is no such file, and the path is none of a page either. */
  find(path: string): PageFile | null;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};
const COMPRESSIBLE = new Set(['.html', '.js', '.css', '.svg', '.json']);
const PAGE = '/index.html';
/** Files of the build carry a hash of what they hold in their names. */
const ASSETS = '/assets/';
const FOREVER = 'public, max-age=31536000, immutable';

/** Scripts and styles from here alone and none written into the page; Argon2id is WebAssembly; nobody frames the page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** With every answer of this port. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
};

export function readPages(directory: string): Pages {
  const files = new Map(
    globSync('**/*.*', { cwd: directory }).map((name) => {
      const path = `/${name.split(sep).join('/')}`;
      return [path, fileOf(path, readFileSync(join(directory, name)))] as const;
    }),
  );
  if (!files.has(PAGE)) throw new Error(`there are no pages of the web Manager in ${directory}`);
  return {
    find: (path) =>
      files.get(path) ?? (isPlace(path) ? (files.get(`${path}.html`) ?? files.get(PAGE) ?? null) : null),
  };
}

/** A first part as places have it, and behind it the names of things, which may hold anything. */
const PLACE = /^\/(?:[\w-]+(?:\/.*)?)?$/;

/** A place inside the page, which the page itself finds: its address can be passed on. */
function isPlace(path: string): boolean {
  return !path.startsWith(ASSETS) && PLACE.test(path);
}

function fileOf(path: string, body: Buffer): PageFile {
  const kind = extname(path);
  const compressed = COMPRESSIBLE.has(kind) ? compress(body) : null;
  return {
    headers: {
      'Content-Type': TYPES[kind] ?? 'application/octet-stream',
      'Cache-Control': path.startsWith(ASSETS) ? FOREVER : 'no-cache',
    },
    body,
    compressed: compressed !== null && compressed.length < body.length ? compressed : null,
  };
}

function compress(body: Buffer): Buffer {
  return brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } });
}
