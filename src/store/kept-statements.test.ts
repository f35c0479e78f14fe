/** Statements asked often are prepared once, and those asked long ago make room. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { KeptStatements } from './kept-statements.ts';

test('one SQL is one statement, until a hundred others were asked since', () => {
  const statements = new KeptStatements(new DatabaseSync(':memory:'));
  const often = statements.prepare('SELECT 1');
  const once = statements.prepare('SELECT 2');
  for (let n = 0; n < 99; n++) {
    statements.prepare(`SELECT ${n} AS n`);
    assert.equal(statements.prepare('SELECT 1'), often);
  }
  assert.notEqual(statements.prepare('SELECT 2'), once);
});
