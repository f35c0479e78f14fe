/** Technical support alone, for tests: the part with a real sshd on a free loopback port, and what it notes. The KMA around it is not there. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlatformNote, PlatformTools } from '../../src/platform/part.ts';
import { placeAt } from '../../src/platform/place.fixture.ts';
import { SUPPORT_LIMITS, type SupportLimits } from '../../src/platform/support/limits.ts';
import { SupportPart } from '../../src/platform/support/support-part.ts';
import { readPlatformSettings } from '../../src/platform-settings/index.ts';
import { type SupportSetting, supportSetting } from '../../src/platform-settings/support.ts';
import { platformNote } from '../../src/processes/platform/messages.ts';
import { SecretBytes } from '../../src/security/secret-bytes.ts';
import { unixPasswordHash } from '../../src/security/unix-password-hash.ts';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

export const HOST = '127.0.0.1';
export const PASSWORD = 'Tall-Ships-7-sail';
export const DAY_MS = 24 * 60 * 60 * 1000;
const HASH = unixPasswordHash(SecretBytes.fromText(PASSWORD), Buffer.alloc(16, 7));

const UNSET = {
  members: [],
  clustered: false,
  clockOffsetMs: 0,
  snmpManagers: [],
  ...readPlatformSettings(() => undefined),
};

export class SupportBench {
  readonly folder: string;
  readonly notes: PlatformNote[] = [];
  readonly lines: string[] = [];
  readonly part: SupportPart;
  readonly port: number;
  aheadMs = 0;

  given: Partial<SupportSetting> = {};
  readonly #limits: Partial<SupportLimits>;

  private constructor(port: number, limits: Partial<SupportLimits>, folder: string) {
    this.folder = folder;
    this.port = port;
    this.#limits = limits;
    const [directory, socketDirectory] = [
      join(this.folder, 'data/platform/support'),
      join(this.folder, 'run'),
    ];
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const tools: PlatformTools = {
      directory,
      socketDirectory,
      place: placeAt(HOST, { ssh: port }),
      resolve: async () => [],
      audit: {
        newestRow: () => 0,
        read: async (throughRow) => ({ records: [], throughRow, looked: 0, oldestRow: 0 }),
        onNew: () => undefined,
      },
      states: () => new Map([['names', { summary: 'no servers', troubles: [], details: {} }]]),
      // As the platform process holds it, which a note that it does not take would end.
      note: (note) => this.notes.push(platformNote.parse(note)),
      changed: () => undefined,
      log: (line) => this.lines.push(line),
      nowMs: () => Date.now() + this.aheadMs,
    };
    this.part = new SupportPart(tools, { ...SUPPORT_LIMITS, tickMs: 100, ...limits });
  }

  static async at(limits: Partial<SupportLimits> = {}): Promise<SupportBench> {
    return new SupportBench(await freePort(), limits, mkdtempSync(join(tmpdir(), "openkma support's test-")));
  }

  /** The part anew on what the one before, which has ended, has left. */
  another(): SupportBench {
    return new SupportBench(this.port, this.#limits, this.folder);
  }

  give(setting: Partial<SupportSetting>): void {
    this.given = setting;
    this.part.apply({
      ...UNSET,
      kma: { id: 'A', name: 'kma-1', version: '0.1.0', addresses: [HOST] },
      support: supportSetting.parse(setting),
    });
  }

  async enable(more: Partial<SupportSetting> = {}): Promise<void> {
    const now = Date.now();
    this.give({
      enabled: true,
      passwordHash: await HASH,
      enabledAtMs: now,
      expiresAtMs: now + 7 * DAY_MS,
      hostKeys: 'A1B2C3D4E5F60718',
      ...more,
    });
    await this.listens();
  }

  async listens(): Promise<void> {
    await until('sshd listens', () => this.part.state().details['listening'] !== null).catch((error) => {
      throw new Error(`${error.message}: ${JSON.stringify(this.part.state())}`);
    });
  }

  async closed(): Promise<void> {
    await until('nothing listens', () => this.part.state().details['listening'] === null);
  }

  get sessions(): number {
    const sessions = this.part.state().details['sessions'];
    return Array.isArray(sessions) ? sessions.length : 0;
  }

  noted(condition: string): readonly PlatformNote[] {
    return this.notes.filter((note) => note.condition === condition);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.part.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
