/** What `okm` remembers of a cluster: where it is, whose root CA it has, and the log-in that is open. Files of their owner alone; no passphrase is ever in them. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { privateFiles } from '@openkma/agent';
import { z } from 'zod';
import { OpenKmaError } from '../errors.ts';
import { PORT_OFFSET_MAX } from '../ports.ts';
import type { Place, Session } from './log-in.ts';

const FORMAT = 1;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/;

const place = z.strictObject({
  address: z.string().min(1).max(255),
  portOffset: z.int().min(0).max(PORT_OFFSET_MAX),
  caKeySha256: z.string().regex(/^[0-9A-F]{64}$/),
});
const profileFile = place.extend({ format: z.literal(FORMAT), usercert: z.string().min(1).optional() });
const sessionFile = z.strictObject({
  format: z.literal(FORMAT),
  place,
  user: z.string().min(1),
  caPem: z.string(),
  certificatePem: z.string(),
  privateKeyPem: z.string(),
  sealingKey: z.string().regex(/^[0-9a-f]{64}$/),
  expiresAtMs: z.int().min(0),
});

const FILES = { profile: 'profile.json', session: 'session.json' } as const;

/** What is remembered of a cluster, besides a log-in. */
export interface Known extends Place {
  /** File with the saved certificate that is used where nobody is logged in. */
  readonly usercert?: string | undefined;
}
export interface Profile extends Known {
  readonly name: string;
}

/** All profiles below one directory, by default that of the person who runs the command. */
export class Profiles {
  readonly #directory: string;

  constructor(directory = defaultDirectory()) {
    this.#directory = directory;
  }

  async names(): Promise<string[]> {
    try {
      const entries = await readdir(this.#directory, { withFileTypes: true });
      return entries
        .filter((entry) => entry.isDirectory() && NAME.test(entry.name))
        .map((entry) => entry.name)
        .sort();
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  }

  async load(name: string): Promise<Profile> {
    const content = await this.#read(name, FILES.profile);
    if (content === null) throw new OpenKmaError('PROFILE_DOES_NOT_EXIST', name);
    const { format: _, ...known } = this.#parsed(profileFile, content, name, FILES.profile);
    return { name, ...known };
  }

  async create(name: string, known: Known): Promise<void> {
    if ((await this.#read(name, FILES.profile)) !== null)
      throw new OpenKmaError('USAGE', `there is a profile ${name}; "okm profile delete ${name}" removes it`);
    await mkdir(this.#folder(name), { recursive: true, mode: 0o700 });
    await this.#write(name, FILES.profile, { format: FORMAT, ...known });
  }

  async delete(name: string): Promise<void> {
    await this.load(name);
    await rm(this.#folder(name), { recursive: true });
  }

  /** Null where nobody is logged in, or not any more. */
  async session(name: string, nowMs: number): Promise<Session | null> {
    const content = await this.#read(name, FILES.session);
    if (content === null) return null;
    const { format: _, ...session } = this.#parsed(sessionFile, content, name, FILES.session);
    return session.expiresAtMs > nowMs ? session : null;
  }

  async saveSession(name: string, session: Session): Promise<void> {
    await this.#write(name, FILES.session, { format: FORMAT, ...session });
  }

  async forgetSession(name: string): Promise<void> {
    await rm(join(this.#folder(name), FILES.session), { force: true });
  }

  #folder(name: string): string {
    if (!NAME.test(name))
      throw new OpenKmaError('USAGE', `"${name}" is no name of a profile: letters, digits, . _ - are`);
    return join(this.#directory, name);
  }

  async #write(name: string, file: string, content: object): Promise<void> {
    await privateFiles.write(join(this.#folder(name), file), `${JSON.stringify(content, null, 2)}\n`);
  }

  async #read(name: string, file: string): Promise<string | null> {
    const path = join(this.#folder(name), file);
    if (!(await privateFiles.exists(path))) return null;
    try {
      return await privateFiles.read(path);
    } catch (error) {
      throw new OpenKmaError('PROFILE_INVALID', error instanceof Error ? error.message : path);
    }
  }

  #parsed<T>(schema: z.ZodType<T>, content: string, name: string, file: string): T {
    try {
      return schema.parse(JSON.parse(content));
    } catch {
      // What stands there may be a private key, so nothing of it is quoted.
      throw new OpenKmaError('PROFILE_INVALID', join(this.#folder(name), file));
    }
  }
}

function defaultDirectory(): string {
  const base = process.env['XDG_CONFIG_HOME'];
  return join(base === undefined || base === '' ? join(homedir(), '.config') : base, 'openkma');
}
