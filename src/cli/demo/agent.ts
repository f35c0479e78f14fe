/** The agent's part of the demonstration: the real okm-agent command over the wire, as a user would call it. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addressWord } from '../shell-word.ts';
import type { Person } from './people.ts';
import type { Place } from './places.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const COMMAND = join(ROOT, 'agent/src/cli/okm-agent.ts');
const PLAIN = join(ROOT, 'README.md');
const OUTPUT_BYTES_MAX = 1024 * 1024;

export const profileOf = (data: string) => `${data}-agent`;

export class DemoAgent {
  readonly #data: string;
  readonly #profile: string;
  readonly #interrupted: AbortSignal;

  constructor(data: string, interrupted: AbortSignal) {
    this.#data = data;
    this.#profile = profileOf(data);
    this.#interrupted = interrupted;
  }

  async enroll({ name, passphrase }: Person, at: Place, portOffset: number): Promise<void> {
    rmSync(this.#profile, { recursive: true, force: true });
    const place = ['--kma', addressWord(at.serviceAddress), '--port-offset', `${portOffset}`];
    await this.#run(['enroll', '--agent', name, ...place], `${passphrase}\n`);
  }

  /** The names of the KMAs that give keys now: one that has joined seems locked until it has caught up. */
  async discover(): Promise<readonly string[]> {
    const kmas = JSON.parse(await this.#run(['--json', 'discover'])) as {
      name: string;
      responding: boolean;
      locked: boolean;
    }[];
    return kmas.filter(({ responding, locked }) => responding && !locked).map(({ name }) => name);
  }

  /** This project's README, under a new key of a new data unit. */
  async encrypt(tag: string): Promise<void> {
    await this.#run(['encrypt', '--tag', tag, '-i', PLAIN, '-o', this.#encrypted(tag), '--force']);
  }

  /** Throws where what was encrypted does not come back as it was. */
  async decrypt(tag: string): Promise<void> {
    const decrypted = `${this.#data}-demo.md`;
    await this.#run(['decrypt', '-i', this.#encrypted(tag), '-o', decrypted, '--force']);
    if (!readFileSync(PLAIN).equals(readFileSync(decrypted))) throw new Error('the decrypted file differs');
  }

  #encrypted(tag: string): string {
    return `${this.#data}-demo-${tag}.age`;
  }

  /** Standard output of the command; throws with its standard error when it fails. */
  #run(args: readonly string[], input = ''): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(
        process.execPath,
        [...process.execArgv, COMMAND, '--profile', this.#profile, ...args],
        {
          stdio: ['pipe', 'pipe', 'pipe'],
          signal: this.#interrupted,
        },
      );
      let output = '';
      let errors = '';
      child.stdout.on('data', (chunk) => {
        output = (output + String(chunk)).slice(0, OUTPUT_BYTES_MAX);
      });
      child.stderr.on('data', (chunk) => {
        errors = (errors + String(chunk)).slice(0, OUTPUT_BYTES_MAX);
      });
      child.on('error', reject);
      child.on('close', (code) =>
        code === 0
          ? resolve(output)
          : reject(new Error(`okm-agent ${args.join(' ')} ended with ${code}: ${errors.trim()}`)),
      );
      child.stdin.end(input);
    });
  }
}
