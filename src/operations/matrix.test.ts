/** Holds rights and matrix together, and the catalogue to its own rules. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { findOperation, operations } from './catalogue.ts';
import { MATRIX, type MatrixRow, OWN_ROWS } from './matrix.ts';
import { DECISIONS } from './matrix-decisions.ts';
import { type Operation, ROLES, type Role } from './operation.ts';

const ROWS = [...MATRIX, ...OWN_ROWS];
const forRoles = operations.filter((operation) => Array.isArray(operation.callers));

const operationsOf = ({ is }: MatrixRow): readonly string[] => ('operations' in is ? is.operations : []);
const right = ({ callers, quorum }: Operation, role: Role) => {
  if (!Array.isArray(callers) || !callers.includes(role)) return 'no';
  return quorum === true || quorum === 'of files' ? 'quorum' : 'yes';
};

test('every row is operations of the catalogue, or says where it is or what it waits for', () => {
  const wrong = ROWS.filter(({ is }) => {
    if ('operations' in is) return is.operations.length === 0 || !is.operations.every(findOperation);
    return ('later' in is ? is.later : is.elsewhere).length < 10;
  });
  assert.deepEqual(wrong, []);
});

test('every operation of people stands in exactly one row', () => {
  const named = ROWS.flatMap(operationsOf);
  assert.deepEqual(
    named.filter((name, i) => named.indexOf(name) !== i),
    [],
  );
  assert.deepEqual(
    forRoles.map(({ name }) => name).filter((name) => !named.includes(name)),
    [],
  );
});

test('every decision is about a row there is', () => {
  const rows = ROWS.map(({ entity, what }) => `${entity}: ${what}`);
  assert.deepEqual(
    Object.keys(DECISIONS).filter((name) => !rows.includes(name)),
    [],
  );
});

for (const row of ROWS)
  for (const name of operationsOf(row))
    test(`${name}: each role may what the row "${row.entity}: ${row.what}" says`, () => {
      const operation = findOperation(name);
      assert.ok(operation !== undefined);
      const rights = Object.fromEntries(ROLES.map((role) => [role, right(operation, role)]));
      assert.deepEqual(rights, row.cells);
    });

test('a name belongs to one operation and is in PascalCase', () => {
  const names = operations.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual(
    names.filter((name) => !/^[A-Z][A-Za-z0-9]*$/.test(name)),
    [],
  );
});

test('the words of a command belong to one operation, and none begins another', () => {
  const words = operations.flatMap(({ command }) =>
    command === undefined ? [] : [`${command.words.join(' ')} `],
  );
  assert.equal(new Set(words).size, words.length);
  assert.deepEqual(
    words.filter((text) => words.some((other) => other !== text && other.startsWith(text))),
    [],
  );
});

test('what is called at the appliance alone is for people', () =>
  assert.deepEqual(
    operations.filter(({ atAppliance, callers }) => atAppliance && !Array.isArray(callers)),
    [],
  ));

test('commands of the appliance itself are not taken', () => {
  const taken = ['init', 'serve', 'console', 'backup', 'core-security-backup', 'restore', 'help'];
  assert.deepEqual(
    operations.filter(({ command }) => taken.includes(command?.words[0] ?? '')).map(({ name }) => name),
    [],
  );
});

test('everybody with a role has a command for every operation, with an example that begins with its words', () => {
  assert.deepEqual(
    forRoles.filter(({ command }) => command === undefined).map(({ name }) => name),
    [],
  );
  const wrong = operations.filter(
    ({ command }) =>
      command !== undefined && !`${command.example} `.startsWith(`kma ${command.words.join(' ')} `),
  );
  assert.deepEqual(
    wrong.map(({ name }) => name),
    [],
  );
});

test('every input field has a description, and a name that its command line option gives back', () => {
  const wrong = operations
    .filter(({ command }) => command !== undefined)
    .flatMap(({ name, input }) => {
      const { properties = {} } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
      const fields = Object.entries(properties).map(
        ([field, schema]) => [field, described.parse(schema)] as const,
      );
      return fields
        .filter(
          ([field, { description }]) => description === '' || !/^[a-z]+([A-Z][a-z]+[0-9]*)*$/.test(field),
        )
        .map(([field]) => `${name}.${field}`);
    });
  assert.deepEqual(wrong, []);
});
const described = z.looseObject({ description: z.string().default('') });

test('examples name a user where one is needed and a quorum where one is needed', () => {
  const wrong = operations.filter(({ callers, quorum, command }) => {
    if (command === undefined) return false;
    const needed = [...(Array.isArray(callers) ? ['--user '] : []), ...(quorum ? ['--quorum-file '] : [])];
    return !needed.every((option) => command.example.includes(option));
  });
  assert.deepEqual(
    wrong.map(({ name }) => name),
    [],
  );
});

test('every operation decides, views or inspects, and one that changes something decides', () => {
  const idle = operations.filter(
    ({ decide, view, inspect }) => decide === undefined && view === undefined && inspect === undefined,
  );
  assert.deepEqual(
    idle.map(({ name }) => name),
    [],
  );
  const changing = operations.filter(({ changes, decide }) => changes && decide === undefined);
  assert.deepEqual(
    changing.map(({ name }) => name),
    [],
  );
});
