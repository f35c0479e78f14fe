/** Makes a command out of an operation of the catalogue (D9): words, arguments, options and help come from the operation's own record. */
import { type Command, Option } from 'commander';
import { FILTER_FIELD, type InputField, inputFieldsOf } from '../operations/input-fields.ts';
import type { Operation } from '../operations/operation.ts';
import { ROLES } from '../operations/operation.ts';
import { findPendable } from '../operations/pending/pending-text.ts';
import { choiceOf, choicesOf, listItems } from './choice.ts';
import type { Dialect, Named } from './dialect.ts';
import { promptNewPassphrase, promptPassphrase, readPassphraseFile, readPemFile } from './passphrases.ts';
import { NEW_QUORUM_OPTION, QUORUM_OPTION, readNewQuorum, readQuorum } from './quorum.ts';
import { parseInteger } from './whole-number.ts';

/** What an operation command hands to the one who sends it. */
export interface OperationRequest {
  readonly operation: Operation;
  readonly input: Record<string, unknown>;
  readonly user: Named | null;
  readonly quorum: readonly GivenCredential[];
}

export interface GivenCredential extends Named {
  /** Of a key split that is to be made. */
  readonly new?: true;
}

/** Adds the command at its words below `program`; `send` runs it. */
export function addOperationCommand(
  program: Command,
  operation: Operation,
  send: (request: OperationRequest) => Promise<void>,
  dialect: Dialect = applianceDialect,
): Command | null {
  if (operation.command === undefined) return null;
  const words = [...dialect.words(operation.command)];
  const last = words.pop() ?? operation.name;
  const command = commandAt(program, words).command(last).description(dialect.text(operation.summary));
  if (words.length === 0) command.helpGroup(groupOf(last));
  const positional = operation.command.arguments ?? [];
  const fields = inputFieldsOf(operation);
  for (const name of positional) {
    const field = fields.find((candidate) => candidate.name === name);
    const text = field?.required === false ? `[${name}]` : `<${name}>`;
    command.argument(text, field?.description ?? '');
  }
  for (const field of fields) if (!positional.includes(field.name)) addOption(command, field);
  if (needsUser(operation)) dialect.addUser(command, operation);
  const mayWait = dialect.mayWait && findPendable(operation.name) !== undefined;
  if (operation.quorum) command.option(...QUORUM_OPTION);
  if (mayWait)
    command.addOption(
      new Option('--submit', 'without credentials: it waits for those of "okm pending review"').conflicts(
        'quorumFile',
      ),
    );
  if (operation.newKeySplit) command.option(...NEW_QUORUM_OPTION);
  command.addHelpText('after', `\nExample:\n  ${dialect.text(operation.command.example)}\n`);
  command.action(async (...given: unknown[]) => {
    const options = command.opts<Record<string, unknown>>();
    const plain = readPlainInput(fields, positional, given, options);
    // Who asks comes first, and the key holders last: they come to the keyboard when all else is there.
    const user = needsUser(operation) ? await dialect.readUser(options) : null;
    const owner = positional.length > 0 ? given[0] : options['user'];
    const secrets = await readSecretInput(fields, String(owner), options);
    const quorum = operation.quorum ? await readCredentials(operation, options, mayWait) : [];
    await send({ operation, input: { ...plain, ...secrets }, user, quorum });
  });
  return command;
}

/** Every command says who asks. */
const applianceDialect: Dialect = {
  words: ({ words }) => words,
  text: (text) => text,
  addUser(command, operation) {
    command.option('--user <name>', `who asks; one of the roles: ${rolesText(operation)}`);
    command.option(
      '--user-passphrase-file <file>',
      'file with that user\'s passphrase, "-" for standard input; asked for otherwise',
    );
  },
  mayWait: false,
  readUser,
};

function needsUser(operation: Operation): boolean {
  return Array.isArray(operation.callers);
}

export function rolesText(operation: Operation): string {
  const { callers } = operation;
  if (typeof callers === 'string') return callers;
  const roles =
    callers.length === ROLES.length
      ? ['any']
      : callers.map((role) => role.toLowerCase().replaceAll('_', ' '));
  return roles.join(', ');
}

/** The command group for the leading words, made when first needed. */
function commandAt(program: Command, words: readonly string[]): Command {
  return words.reduce((parent, word) => {
    const known = parent.commands.find((child) => child.name() === word);
    if (known !== undefined) return known;
    return parent.command(word).helpGroup('Each with commands of its own:');
  }, program);
}

/** Says of every command group what is in it, when all are there, unless it is a command itself. */
export function describeGroups(program: Command): void {
  for (const group of program.commands)
    if (group.commands.length > 0 && group.description() === '')
      group.description(group.commands.map((command) => command.name()).join(', '));
}

/** Commands of one word beside those written out: whole ones, and the halves of "kma backup" and "kma core-security-backup". */
function groupOf(word: string): string {
  return word.includes('backup') ? 'Backups step by step:' : 'The appliance:';
}

const kebab = (name: string) => name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();

function addOption(command: Command, field: InputField): void {
  const name = kebab(field.name);
  const description = field.description;
  if (field.kind === 'flag') {
    command.option(`--${name}`, description);
    command.option(`--no-${name}`, `the opposite of --${name}`);
    return;
  }
  if (field.pem) {
    command.option(`--${name}-file <file>`, `${description} (file in PEM, "-" for standard input)`.trim());
    return;
  }
  if (field.kind === 'secret') {
    command.option(
      `--${name}-file <file>`,
      `${description} (file, "-" for standard input; asked for otherwise)`.trim(),
    );
    return;
  }
  if (field.name === FILTER_FIELD) {
    const collect = (text: string, before: readonly string[] = []) => [...before, text];
    command.option('--filter <condition>', `${description}; may be given several times`, collect);
    return;
  }
  const option = new Option(`--${name} <${field.kind === 'list' ? 'a,b' : field.kind}>`, description);
  const { choices } = field;
  if (choices !== undefined) option.description = `${description} (of: ${choices.join(', ')})`.trim();
  if (field.kind === 'integer') option.argParser(parseInteger);
  else if (field.kind === 'list') option.argParser(choices === undefined ? listItems : choicesOf(choices));
  else if (choices !== undefined) option.argParser(choiceOf(choices));
  option.mandatory = field.required;
  command.addOption(option);
}

function readPlainInput(
  fields: readonly InputField[],
  positional: readonly string[],
  given: readonly unknown[],
  options: Record<string, unknown>,
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const { name, kind, pem } of fields) {
    const place = positional.indexOf(name);
    const value = place >= 0 ? given[place] : options[name];
    if (kind !== 'secret' && !pem && value !== undefined)
      input[name] = place >= 0 && kind === 'integer' ? parseInteger(String(value)) : value;
  }
  return input;
}

async function readSecretInput(
  fields: readonly InputField[],
  owner: string,
  options: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const input: Record<string, unknown> = {};
  for (const field of fields) {
    const { name, kind, required, pem } = field;
    const file = options[`${name}File`];
    if (pem && file !== undefined) input[name] = readPemFile(String(file));
    if (pem || kind !== 'secret') continue;
    if (file !== undefined) input[name] = readPassphraseFile(String(file));
    else if (required)
      input[name] = await promptNewPassphrase(secretText(field, owner), `--${kebab(name)}-file`);
  }
  return input;
}

/** A passphrase is of who or what is named; another secret says itself whose it is. */
function secretText({ name, description }: InputField, owner: string): string {
  return /passphrase$/i.test(name) ? `passphrase of ${owner}` : (description.split(',')[0] ?? description);
}

export async function readUser(options: Readonly<Record<string, unknown>>): Promise<Named | null> {
  const name = options['user'];
  if (typeof name !== 'string') return null;
  const file = options['userPassphraseFile'];
  const passphrase =
    typeof file === 'string'
      ? readPassphraseFile(file)
      : await promptPassphrase(`passphrase of ${name}`, '--user-passphrase-file');
  return { name, passphrase };
}

async function readCredentials(
  operation: Operation,
  options: Record<string, unknown>,
  mayWait: boolean,
): Promise<readonly GivenCredential[]> {
  const quorum = options['submit'] === true ? [] : await readQuorum(options['quorumFile'], mayWait);
  if (!operation.newKeySplit) return quorum;
  const made = await readNewQuorum(options['newQuorumFile']);
  return [...quorum, ...made.map((credential) => ({ ...credential, new: true }) as const)];
}
