/** The command that takes the other value of a conflict, as it is typed at the appliance. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withCommandsHere } from './commands-here.ts';
import { ownName } from './own-name.ts';

const page = (takeOther: string) => ({ rows: [{ what: 'site okm west', takeOther }], next: null });

test('it is the command of the appliance, on the data directory that was given, and says who asks', () => {
  const okm = page("okm site modify west --description 'okm once'");
  const words = "site modify west --description 'okm once' --user NAME";
  assert.deepEqual(withCommandsHere(okm, null), page(`${ownName('kma')} ${words}`));
  assert.deepEqual(withCommandsHere(okm, '/a b'), page(`${ownName('kma')} --data '/a b' ${words}`));
});

test('where there is no command none is made up, and what is no list stays as it is', () => {
  assert.deepEqual(withCommandsHere(page(''), null), page(''));
  const record = { takeOther: 'okm site list' };
  assert.equal(withCommandsHere(record, null), record);
});
