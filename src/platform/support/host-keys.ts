/** The host keys of the support sshd: made by ssh-keygen, kept over restarts, known by the name under which they were made. It says nothing of their private halves. */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Fingerprint {
  readonly type: string;
  /** As ssh shows it at the first connection. */
  readonly sha256: string;
}
export interface HostKeySet {
  readonly hostKeys: string;
  readonly fingerprints: readonly Fingerprint[];
}

const KINDS: Readonly<Record<string, readonly string[]>> = {
  ed25519: ['-t', 'ed25519'],
  rsa: ['-t', 'rsa', '-b', '3072'],
};
const NAME = /^[0-9A-F]{16}$/;
/** What was made for somebody who has not got his answer yet. */
const YOUNG_MS = 10 * 60 * 1000;

export class HostKeys {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /** New ones, beside those there are. */
  async make(name = randomBytes(8).toString('hex').toUpperCase()): Promise<HostKeySet> {
    const aside = join(this.#directory, `${name}.new`);
    rmSync(aside, { recursive: true, force: true });
    mkdirSync(aside, { mode: 0o700 });
    for (const [kind, options] of Object.entries(KINDS))
      await run('ssh-keygen', ['-q', ...options, '-N', '', '-C', 'openkma-support', '-f', join(aside, kind)]);
    renameSync(aside, join(this.#directory, name));
    return this.read(name);
  }

  has(name: string): boolean {
    return NAME.test(name) && existsSync(join(this.#directory, name));
  }

  read(name: string): HostKeySet {
    return { hostKeys: name, fingerprints: Object.keys(KINDS).map((kind) => this.#fingerprint(name, kind)) };
  }

  /** The private half of each kind. */
  private(name: string): Readonly<Record<string, Buffer>> {
    const at = (kind: string) => readFileSync(join(this.#directory, name, kind));
    return Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, at(kind)]));
  }

  /** Removes all others but those just made. */
  keepOnly(name: string, nowMs = Date.now()): void {
    for (const other of readdirSync(this.#directory).filter((entry) => entry !== name)) {
      const path = join(this.#directory, other);
      if (nowMs - statSync(path).mtimeMs > YOUNG_MS) rmSync(path, { recursive: true, force: true });
    }
  }

  #fingerprint(name: string, kind: string): Fingerprint {
    const [, base64 = ''] = readFileSync(join(this.#directory, name, `${kind}.pub`), 'utf8').split(' ');
    const hash = createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64');
    return { type: kind.toUpperCase(), sha256: `SHA256:${hash.replace(/=+$/, '')}` };
  }
}
