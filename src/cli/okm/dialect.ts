/** The catalogue's commands as `okm` has them: no user on every command where somebody is logged in, and the parts of a backup below one word. */
import { operations } from '../../operations/catalogue.ts';
import type { Operation } from '../../operations/operation.ts';
import type { Dialect } from '../dialect.ts';
import { rolesText } from '../operation-command.ts';
import type { Connection } from './connection.ts';

/** "backup-list" is "okm backup list": there "backup" alone is a command too. */
const BACKUP_PART = /^(backup|core-security-backup)-(.+)$/;

export function okmDialect(connection: () => Connection): Dialect {
  return {
    words: wordsOf,
    text: textOf,
    addUser(command, operation) {
      command.addHelpText('after', `\nFor one of the roles: ${rolesText(operation)}.`);
    },
    mayWait: true,
    readUser: () => connection().user(),
  };
}

export function wordsOf({ words }: NonNullable<Operation['command']>): readonly string[] {
  const [first = '', ...rest] = words;
  const part = BACKUP_PART.exec(first);
  return part?.[1] === undefined || part[2] === undefined ? words : [part[1], part[2], ...rest];
}

/** Who is logged in need not be named again. What okm has no command for is done at the appliance. */
export function textOf(text: string): string {
  return text
    .replace('kma backup --to DIR', 'okm backup --directory DIR')
    .replace('kma core-security-backup --to DIR', 'okm core-security-backup fetch --directory DIR')
    .replace(/\bkma ([a-z][a-z -]*[a-z])/g, (reference, words: string) => okmReference(words) ?? reference)
    .replace(/"kma [^"]*"/g, '$& at the appliance')
    .replace(/ --user [\w-]+/g, '');
}

/** The same command of okm, or null where there is none. */
function okmReference(text: string): string | null {
  const begins = ({ http, command }: Operation) =>
    http !== undefined && command !== undefined && `${text} `.startsWith(`${command.words.join(' ')} `);
  const command = operations.find(begins)?.command;
  if (command === undefined) return null;
  return ['okm', ...wordsOf(command)].join(' ') + text.slice(command.words.join(' ').length);
}
