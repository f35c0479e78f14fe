/** Writes the reference pages of docs/ from the code's own tables: errors, ports, operations, roles, okm, OpenAPI. Nobody edits those pages by hand. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ErrorRow } from '../src/errors/row.ts';
import { ERRORS } from '../src/errors.ts';
import { operations } from '../src/operations/catalogue.ts';
import type { Callers, Operation } from '../src/operations/operation.ts';
import { ROLES } from '../src/operations/operation.ts';
import { openApiDocument } from '../src/services/management/openapi.ts';
import { matrixPage } from './docs-matrix.ts';
import { OKM_INTRODUCTION, okmCommands } from './docs-okm.ts';
import { portsPage } from './docs-ports.ts';
import { code, page, table } from './page.ts';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Page by path below the project's root. */
export function documents(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/errors.md', errorsPage()],
    ['docs/ports.md', portsPage()],
    ['docs/operations.md', operationsPage()],
    ['docs/matrix.md', matrixPage()],
    ['docs/okm.md', okmPage()],
    ['docs/openapi.json', `${JSON.stringify(openApiDocument(operations), null, 2)}\n`],
  ]);
}

function errorsPage(): string {
  const rows: [string, ErrorRow][] = Object.entries(ERRORS);
  return page(
    'Errors',
    [
      'Each error has a code to search for, and a number. Agents get the number and the text in a SOAP fault; numbers from',
      '2000 up are our own. The HTTP status is that of the Management service; the exit code of `kma` follows from it.',
    ].join('\n'),
    table(
      ['Number', 'Code', 'HTTP status', 'Text', 'What to do'],
      rows
        .sort(([, a], [, b]) => a.number - b.number)
        .map(([name, { number, httpStatus, text, advice }]) => [
          String(number),
          code(name),
          String(httpStatus),
          text,
          advice,
        ]),
    ),
  );
}

function okmPage(): string {
  const rows = okmCommands().map(({ words, what, example }) => [code(words), what, code(example)]);
  return page('okm', OKM_INTRODUCTION, table(['Command', 'What it does', 'Example'], rows));
}

const SECTIONS: readonly (readonly [string, string, (operation: Operation) => boolean])[] = [
  [
    'Operations of people',
    'Called by users with one of the roles; with "quorum" also with key split credentials.',
    ({ callers }) => Array.isArray(callers),
  ],
  [
    'Operations of agents',
    'Called over the SOAP services, with an agent certificate or, before enrolment, by anybody.',
    ({ callers }) => callers === 'agent' || callers === 'stranger',
  ],
  [
    'Operations of the appliance itself',
    'Nobody calls these over a network. Those with a command need no user: who may open the data directory may run them.',
    ({ callers }) => callers === 'local',
  ],
];

function operationsPage(): string {
  return page(
    'Operations',
    [
      'Every operation there is. Each leaves an audit record of the class and retention term named, also when it is refused.',
      '`kma COMMAND --help` shows the options and an example.',
    ].join('\n'),
    ...SECTIONS.flatMap(([title, introduction, belongs]) => [
      `## ${title}`,
      introduction,
      table(
        ['Operation', 'What it does', 'Who may', 'Command', 'Audit class, term'],
        operations.filter(belongs).map(operationRow),
      ),
    ]),
  );
}

function operationRow({ name, summary, callers, quorum, command, audit }: Operation): readonly string[] {
  const args = (command?.arguments ?? []).map((argument) => ` <${argument}>`).join('');
  return [
    code(name),
    summary,
    `${callersText(callers)}${quorum ? ' + quorum' : ''}`,
    command === undefined ? '' : code(`kma ${command.words.join(' ')}${args}`),
    `${audit.class}, ${audit.retention}`,
  ];
}

function callersText(callers: Callers): string {
  if (callers === 'stranger') return 'anybody';
  if (callers === 'agent') return 'enrolled agent';
  if (callers === 'local') return 'the appliance';
  if (callers.length === ROLES.length) return 'every role';
  return callers.map((role) => role.split('_').map(capitalised).join(' ')).join(', ');
}
const capitalised = (word: string) => word.charAt(0) + word.slice(1).toLowerCase();

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [path, text] of documents()) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    process.stderr.write(`${path}\n`);
  }
