/** A command line that is not understood is answered with the usage and example of the command that was meant. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { okmProgram } from './okm/okm.ts';
import { usageAdvice } from './usage-advice.ts';

const adviceFor = (...argv: string[]) => usageAdvice(okmProgram(), argv);

test('the command that was meant, with an example, whatever options stand before it', () => {
  for (const argv of [
    ['user', 'modify'],
    ['--user', 'agent', 'user', 'modify', '--wrong'],
    ['--json', 'user', 'modify', '--roles', 'agent', 'create'],
  ]) {
    const advice = adviceFor(...argv);
    assert.match(advice, /^Usage: okm user modify \[options\] <user>\./, argv.join(' '));
    assert.match(advice, /Example: okm user modify \S/);
    assert.match(advice, /"okm user modify --help"/);
  }
});

test('where the words lead nowhere, as far as they lead', () => {
  assert.match(adviceFor('user', 'modfy'), /^Usage: okm user \[/);
  assert.match(adviceFor('usr'), /^Usage: okm \[/);
  assert.match(adviceFor(), /Example: okm profile create/);
});
