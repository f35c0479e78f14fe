/** A person with OpenSSH's own client: logs in with a password, typed by a program as he would, or with a key of his own. It trusts any host and keeps nothing. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { within } from './until.ts';

interface SshResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class SshClient {
  readonly folder = mkdtempSync(join(tmpdir(), 'openkma-ssh-'));
  /** How often it asks for the password; the answer is always the same. */
  prompts = 1;
  readonly #host: string;
  readonly #port: number;

  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ann', '-f', this.#keyPath]);
  }

  get #keyPath(): string {
    return join(this.folder, 'key');
  }
  /** Its public key, as an officer is given it. */
  get publicKey(): string {
    return readFileSync(`${this.#keyPath}.pub`, 'utf8').trim();
  }

  /** Arguments for any program of OpenSSH that takes -o; `by` is "key" or a password. */
  options(by: string): string[] {
    const own = by === 'key' ? ['PreferredAuthentications=publickey'] : ['PreferredAuthentications=password'];
    const all = [
      ...own,
      `IdentityFile=${this.#keyPath}`,
      'IdentitiesOnly=yes',
      'StrictHostKeyChecking=no',
      `UserKnownHostsFile=${join(this.folder, 'known')}`,
      'GlobalKnownHostsFile=none',
      'CheckHostIP=no',
      `NumberOfPasswordPrompts=${this.prompts}`,
      'ConnectTimeout=20',
      `Port=${this.#port}`,
    ];
    return ['-F', 'none', ...all.flatMap((option) => ['-o', option])];
  }
  get target(): string {
    return `okmsupport@${this.#host}`;
  }

  /** Given to the client's question for the password. */
  environment(by: string): NodeJS.ProcessEnv {
    const asked = join(this.folder, 'ask');
    writeFileSync(join(this.folder, 'password'), `${by}\n`, { mode: 0o600 });
    writeFileSync(asked, `#!/bin/sh\ncat '${join(this.folder, 'password')}'\n`);
    chmodSync(asked, 0o700);
    return { ...process.env, SSH_ASKPASS: asked, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: 'none' };
  }

  /** What he types on standard input, with a command or without. */
  ssh(by: string, input: string, ...more: string[]): Promise<SshResult> {
    return this.run('ssh', by, input, this.target, ...more);
  }

  /** Any program of OpenSSH. */
  async run(program: string, by: string, input: string, ...more: string[]): Promise<SshResult> {
    const child = spawn(program, [...this.options(by), ...more], { env: this.environment(by) });
    child.stdin.on('error', () => undefined).end(input);
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const told = Promise.all([text(child.stdout), text(child.stderr), ended]);
    const [stdout, stderr, status] = await within(`the end of ${program}`, told).finally(() =>
      child.kill('SIGKILL'),
    );
    return { status, stdout, stderr };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
