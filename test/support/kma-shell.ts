/** A person at the shell of a KMA: runs `kma` on one data directory, with passphrases in files or on standard input, and reads what it prints. */
import { strict as assert } from 'node:assert';
import { EXIT } from '../../src/cli/exit-codes.ts';
import type { ErrorCode } from '../../src/errors.ts';
import type { Person } from './kma.ts';
import { asQuorum, asUser, type CommandResult, kmaCommandFed } from './kma-command.ts';

export interface Who {
  readonly user?: Person;
  readonly quorum?: readonly Person[];
  /** Standard input. */
  readonly input?: string;
}

export class KmaShell {
  readonly data: string;
  readonly #folder: string;

  /** `folder` takes the files with passphrases. */
  constructor(data: string, folder: string) {
    this.data = data;
    this.#folder = folder;
  }

  /** The arguments as one writes them; blanks separate them unless given as an array. */
  run(command: string | readonly string[], who: Who = {}): Promise<CommandResult> {
    const argv = typeof command === 'string' ? command.split(' ') : command;
    return kmaCommandFed(
      who.input ?? '',
      '--data',
      this.data,
      ...argv,
      ...(who.user === undefined ? [] : asUser(this.#folder, who.user)),
      ...(who.quorum === undefined ? [] : asQuorum(this.#folder, who.quorum)),
    );
  }

  /** Standard output of a command that has to succeed. */
  async text(command: string | readonly string[], who?: Who): Promise<string> {
    const { status, stdout, stderr } = await this.run(command, who);
    assert.equal(status, EXIT.ok, `${command}: ${stderr}`);
    return stdout;
  }

  /** The first page of a list. */
  async rows<T>(command: string | readonly string[], who?: Who): Promise<readonly T[]> {
    return (await this.json<{ readonly rows: readonly T[] }>(command, who)).rows;
  }
  /** With --json: standard output is one JSON value, and nothing is said beside it. */
  async json<T>(command: string | readonly string[], who?: Who): Promise<T> {
    const argv = typeof command === 'string' ? command.split(' ') : command;
    const { status, stdout, stderr } = await this.run(['--json', ...argv], who);
    assert.equal(status, EXIT.ok, `${argv.join(' ')}: ${stderr}`);
    assert.equal(stderr, '');
    return JSON.parse(stdout) as T;
  }

  /** A refusal: its exit code, its error code on both streams, nothing else on standard output. */
  async refused(
    command: string | readonly string[],
    exit: keyof typeof EXIT,
    code: ErrorCode,
    who?: Who,
  ): Promise<CommandResult> {
    const argv = typeof command === 'string' ? command.split(' ') : command;
    const result = await this.run(['--json', ...argv], who);
    assert.equal(result.status, EXIT[exit], `${argv.join(' ')}: ${result.stderr}${result.stdout}`);
    assert.equal(JSON.parse(result.stdout).error.code, code, result.stdout);
    assert.match(result.stderr, new RegExp(`code: ${code} `));
    assert.doesNotMatch(result.stderr, /\n +at /, 'no stack trace');
    return result;
  }
}
