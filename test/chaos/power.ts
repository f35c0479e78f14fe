/** A disk of its own for a KMA that can lose its power: an ext4 file system in a file, which is shut down without writing anything more, so that only what was synced is there afterwards. Where mounting is not allowed there is none. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: neither data nor the journal is written any more. */
const SHUT_DOWN = `open(my $d, '<', $ARGV[0]) or die $!; my $f = pack('L', 2); ioctl($d, 0x8004587d, $f) or die $!;`;
const SIZE = '1G';
const UNMOUNT_TRIES = 100;
const UNMOUNT_PAUSE_MS = 100;

export class PoweredDisk {
  readonly path: string;
  readonly #image: string;

  private constructor(path: string) {
    this.path = path;
    this.#image = `${path}.img`;
  }

  /** Null where there is none. */
  static make(path: string): PoweredDisk | null {
    const disk = new PoweredDisk(path);
    mkdirSync(path, { recursive: true });
    try {
      run('truncate', '-s', SIZE, disk.#image);
      run('mkfs.ext4', '-q', '-F', disk.#image);
      disk.mount();
      return disk;
    } catch {
      rmSync(disk.#image, { force: true });
      return null;
    }
  }

  /** Nothing reaches the disk from here on; writers get errors until they end. */
  losePower(): void {
    run('perl', '-e', SHUT_DOWN, this.path);
  }

  /** As after a start of the machine: the journal is played back. All who had files there have to be gone. */
  async comeBack(): Promise<void> {
    await this.unmount();
    this.mount();
  }

  mount(): void {
    run('mount', '-o', 'loop', this.#image, this.path);
    chmodSync(this.path, 0o711);
  }

  async unmount(): Promise<void> {
    for (let tries = 1; ; tries++)
      try {
        return run('umount', this.path);
      } catch (error) {
        // The kernel has not let go of the last process yet.
        if (tries === UNMOUNT_TRIES) throw error;
        await pause(UNMOUNT_PAUSE_MS);
      }
  }
}

function run(command: string, ...argv: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, argv, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${argv.join(' ')}: ${stderr ?? error?.message}`);
}
