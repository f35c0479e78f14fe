/** The routes of the catalogue: every operation of people has one, and no request fits two. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { operations } from './catalogue.ts';
import type { Operation } from './operation.ts';

const ofPeople = operations.filter(({ callers, atAppliance }) => Array.isArray(callers) && !atAppliance);
const namesOf = (wrong: readonly Operation[]) => wrong.map(({ name }) => name);
const fieldsIn = (path: string) => [...path.matchAll(/\{(\w+)\}/g)].map(([, field]) => field ?? '');

test('every operation of people has a route, but those at the appliance alone, and nobody else calls over it', () => {
  assert.deepEqual(namesOf(ofPeople.filter(({ http }) => http === undefined)), []);
  const others = operations.filter(
    (operation) => !ofPeople.includes(operation) && operation.http !== undefined,
  );
  assert.deepEqual(namesOf(others), []);
});

test('what stands in braces is a field of the input that has to be given', () => {
  const wrong = ofPeople.filter(({ http, input }) => {
    const { required = [] } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
    return !fieldsIn(http?.path ?? '').every((field) => required.includes(field));
  });
  assert.deepEqual(namesOf(wrong), []);
});

test('no request fits two operations', () => {
  const parts = (operation: Operation) => (operation.http?.path ?? '').split('/');
  const meet = (one: Operation, other: Operation) => {
    const [a, b] = [parts(one), parts(other)];
    const same = one.http?.method === other.http?.method && a.length === b.length;
    return same && a.every((part, i) => part === b[i] || part.startsWith('{') || b[i]?.startsWith('{'));
  };
  const clashes = ofPeople.flatMap((one, i) =>
    ofPeople.slice(i + 1).flatMap((other) => (meet(one, other) ? [`${one.name} ${other.name}`] : [])),
  );
  assert.deepEqual(clashes, []);
});

test('GET changes nothing and asks for no quorum, and all that only looks is a GET', () => {
  const wrong = ofPeople.filter(({ http, changes, quorum, view }) =>
    http?.method === 'GET' ? changes || quorum !== false : view !== undefined,
  );
  assert.deepEqual(namesOf(wrong), []);
});

test('no input has a field of the name under which sealed credentials come', () => {
  const wrong = ofPeople.filter(({ input }) => {
    const { properties = {} } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
    return 'quorum' in properties;
  });
  assert.deepEqual(namesOf(wrong), []);
});
