/** The catalogue's commands as `okm` has them: no user on every command where somebody is logged in, and the parts of a backup below one word. */
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
    readUser: () => connection().user(),
  };
}

export function wordsOf({ words }: NonNullable<Operation['command']>): readonly string[] {
  const [first = '', ...rest] = words;
  const part = BACKUP_PART.exec(first);
  return part?.[1] === undefined || part[2] === undefined ? words : [part[1], part[2], ...rest];
}

/** Who is logged in need not be named again, and the files of a database backup are fetched at the KMA itself. */
export function textOf(text: string): string {
  return text
    .replace(/\bkma (?=[a-z])/g, 'okm ')
    .replace(/\bokm (backup|core-security-backup)-/g, 'okm $1 ')
    .replace(/; "okm backup --to DIR"[^.]*/, '')
    .replace('okm core-security-backup --to DIR', 'okm core-security-backup fetch --directory DIR')
    .replace(/ --user [\w-]+/g, '');
}
