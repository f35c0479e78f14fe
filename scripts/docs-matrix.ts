/** The page docs/matrix.md: who may do what, row by row, with what was decided where the reference is silent and what is still to come. It writes no file. */

import { ELSE_TO_COME, MATRIX, type MatrixRow, OWN_ROWS } from '../src/operations/matrix.ts';
import { DECISIONS } from '../src/operations/matrix-decisions.ts';
import { ROLES } from '../src/operations/operation.ts';
import { code, page, table } from './page.ts';

const SIGNS = { yes: 'yes', quorum: 'quorum', no: '' } as const;

export function matrixPage(): string {
  return page(
    'Roles and operations',
    [
      'What each role may do. *yes*: alone; *quorum*: with the credentials of a quorum; empty: refused. Who has several roles may',
      'what any of them may. `src/operations/matrix.test.ts` holds the operations to this table, and `test/role-matrix.test.ts`',
      'tries every operation over port 3333 as each role, as nobody, as a disabled user and with an ended session.',
    ].join('\n'),
    '## As Oracle Key Manager has it',
    table(['What', ...ROLES.map(roleText), 'Operations'], MATRIX.map(cellsOf)),
    '## Our own',
    'What the product does not have.',
    table(['What', ...ROLES.map(roleText), 'Operations'], OWN_ROWS.map(cellsOf)),
    '## Decided here',
    'Where what is known of the product is silent or unsure.',
    table(['What', 'Decision and reason'], Object.entries(DECISIONS)),
    '## Still to come',
    table(
      ['What', 'When'],
      [...MATRIX.flatMap((row) => ('later' in row.is ? [[nameOf(row), row.is.later]] : [])), ...ELSE_TO_COME],
    ),
  );
}

function cellsOf(row: MatrixRow): readonly string[] {
  return [nameOf(row), ...ROLES.map((role) => SIGNS[row.cells[role]]), placeOf(row)];
}

function placeOf({ is }: MatrixRow): string {
  if ('operations' in is) return is.operations.map(code).join(', ');
  return 'later' in is ? '(later)' : is.elsewhere;
}

const nameOf = ({ entity, what }: MatrixRow) => `${entity}: ${what}`;

const roleText = (role: string) =>
  role
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join(' ');
