/** The menu of the console beside the product's and beside the matrix of roles. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { findOperation } from '../../operations/catalogue.ts';
import { MATRIX, OWN_ROWS } from '../../operations/matrix.ts';
import { ROLES, type Role } from '../../operations/operation.ts';
import { ENTRIES, menuFor, operationOf } from './menu.ts';

const labels = (...roles: Role[]) => menuFor(roles).map(({ label }) => label);
const actsOf = (roles: readonly Role[]) =>
  menuFor(roles).flatMap((entry) => ('acts' in entry ? entry.acts : []));
const rowOf = (operation: string) =>
  [...MATRIX, ...OWN_ROWS].find(({ is }) => 'operations' in is && is.operations.includes(operation));

const OFFICERS = [
  'Log KMA back in to its cluster',
  "Set a user's passphrase",
  'Management and service addresses, gateways',
  'TLS versions',
  'DNS',
  'Reset to factory default',
  'Technical support',
  'Primary administrator',
  'Show root CA certificate',
  'Renew root CA certificate',
  'Log out',
];

test('an Operator has what the product gives him', () =>
  assert.deepEqual(labels('OPERATOR'), [
    'Reboot KMA',
    'Shut down KMA',
    'Technical support',
    'Primary administrator',
    'Show root CA certificate',
    'Log out',
  ]));

test('a Security Officer has what the product gives him', () =>
  assert.deepEqual(labels('SECURITY_OFFICER'), OFFICERS));

test('who is both has both', () =>
  assert.deepEqual(labels('OPERATOR', 'SECURITY_OFFICER'), ['Reboot KMA', 'Shut down KMA', ...OFFICERS]));

for (const role of ROLES.filter((role) => role !== 'OPERATOR' && role !== 'SECURITY_OFFICER'))
  test(`${role} sees the root CA and logs out`, () =>
    assert.deepEqual(labels(role), ['Show root CA certificate', 'Log out']));

test('an Operator takes Primary Administrator and technical support away, and gives neither', () =>
  assert.deepEqual(
    actsOf(['OPERATOR'])
      .map(({ operation }) => operation)
      .filter((operation) => /Support|Administrator/.test(operation)),
    ['DisableTechnicalSupport', 'DisablePrimaryAdministrator'],
  ));

test('every operation of the rows of the console is in its menu', () => {
  const there = new Set(actsOf(ROLES).map(({ operation }) => operation));
  const wanted = MATRIX.filter(({ entity }) => entity === 'Console').flatMap(({ is }) =>
    'operations' in is ? is.operations : [],
  );
  assert.ok(wanted.length > 8);
  assert.deepEqual(
    wanted.filter((operation) => !there.has(operation)),
    [],
  );
});

for (const role of ROLES)
  test(`${role} sees exactly the acts that the matrix gives him`, () => {
    const given = actsOf(ROLES).filter(({ operation }) => rowOf(operation)?.cells[role] !== 'no');
    assert.deepEqual(actsOf([role]), given);
  });

test('whoever sees an entry may see how it is now', () => {
  for (const entry of ENTRIES) {
    if (!('acts' in entry) || entry.shows === undefined) continue;
    const shown = findOperation(entry.shows);
    const allowed = new Set(Array.isArray(shown?.callers) ? shown.callers : []);
    for (const { callers } of entry.acts.map(operationOf))
      for (const role of callers) assert.ok(allowed.has(role), `${entry.label}: ${role}`);
  }
});

test('what ends a KMA says what is lost', () => {
  for (const act of actsOf(ROLES)) if (act.after !== undefined) assert.ok((act.loses ?? '').length > 40);
});

test('docs/console.md shows the menus of both officers as they are, and has a row for each entry', () => {
  const page = readFileSync(new URL('../../../docs/console.md', import.meta.url), 'utf8');
  for (const role of ['SECURITY_OFFICER', 'OPERATOR'] as const) {
    const shown = labels(role);
    const digits = String(shown.length).length;
    const lines = shown.map((label, index) => `  ${String(index + 1).padStart(digits)}  ${label}\n`);
    assert.ok(page.includes(`${lines.join('')}Enter your choice: `), role);
  }
  const rows = [...page.matchAll(/^\| ([^|]+) \| [^|]*\| [^|]*\|$/gm)].map(([, label]) => label);
  assert.deepEqual(
    [...rows.slice(1), 'Log out'],
    ENTRIES.map(({ label }) => label),
  );
});
