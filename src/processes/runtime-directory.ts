/** The directory of the sockets between processes, away from the data directory: made at start, removed at the end. It holds no data. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RuntimeDirectory {
  readonly path: string;
  /** Fronts reach the core here. */
  readonly frontSocketPath: string;
  /** The management front reaches the core here. */
  readonly managementSocketPath: string;
  /** In a part that the fronts' user cannot enter. */
  readonly readerSocketPath: string;
  /** There too; the replicator reaches the core here. */
  readonly replicatorSocketPath: string;
  /** There too; the platform process reaches the core here, and the reader for audit records. */
  readonly platformSocketPath: string;
  readonly auditSocketPath: string;
  remove(): void;
}

/** With a group, its members may pass to the fronts' sockets, and nowhere else. */
export function createRuntimeDirectory(frontGroupId: number | null): RuntimeDirectory {
  const path = mkdtempSync(join(tmpdir(), 'openkma-'));
  const inner = join(path, 'inner');
  mkdirSync(inner, { mode: 0o700 });
  if (frontGroupId !== null) {
    chownSync(path, process.getuid?.() ?? 0, frontGroupId);
    chmodSync(path, 0o710);
  }
  const remove = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', remove);
  return {
    path,
    frontSocketPath: join(path, 'core.sock'),
    managementSocketPath: join(path, 'management.sock'),
    readerSocketPath: join(inner, 'reader.sock'),
    replicatorSocketPath: join(inner, 'replicator.sock'),
    platformSocketPath: join(inner, 'platform.sock'),
    auditSocketPath: join(inner, 'audit.sock'),
    remove: () => {
      process.off('exit', remove);
      remove();
    },
  };
}
