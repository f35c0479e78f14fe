/** A file system of its own in memory, small enough to fill; where mounting is not allowed there is none. It holds what a test puts into it. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PIECE = Buffer.alloc(64 * 1024, 1);

export class SmallDisk {
  readonly path: string;
  readonly #ballast: string;

  private constructor(path: string) {
    this.path = path;
    this.#ballast = join(path, 'ballast');
  }

  /** Null, and why, where this user may not mount. */
  static mount(mebibytes: number): SmallDisk | string {
    const path = mkdtempSync(join(tmpdir(), 'openkma-disk-'));
    const options = ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0711`, 'tmpfs', path];
    const mounted = spawnSync('mount', options, { encoding: 'utf8' });
    if (mounted.status === 0) return new SmallDisk(path);
    rmSync(path, { recursive: true });
    return `no small file system: ${mounted.stderr ?? mounted.error?.message}`;
  }

  /** Takes all space that is left. */
  fill(): void {
    const file = openSync(this.#ballast, 'a');
    try {
      for (let bytes = PIECE.length; bytes > 0; ) {
        try {
          writeSync(file, PIECE, 0, bytes);
        } catch {
          bytes = Math.floor(bytes / 2);
        }
      }
    } finally {
      closeSync(file);
    }
  }
  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  writable(yes: boolean): void {
    spawnSync('mount', ['-o', `remount,${yes ? 'rw' : 'ro'}`, this.path]);
  }

  /** Temporary directories of `work` are made here. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = this.path;
    try {
      return await work();
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  }

  unmount(): void {
    spawnSync('umount', ['-l', this.path]);
    rmSync(this.path, { recursive: true, force: true });
  }
}
