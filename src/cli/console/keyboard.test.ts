/** Lines typed at the console, key by key: what is shown of them, and the ways in which none comes. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { ReadStream, WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { Terminal } from '../quickstart/terminal.ts';
import { Keyboard } from './keyboard.ts';

/** Streams that are as a terminal's are; the system makes none for a test of one process. */
function atTerminal(t: { after(end: () => void): void }) {
  const input = new PassThrough();
  const output = new PassThrough();
  Object.assign(input, { setRawMode: () => input });
  Object.assign(output, { columns: 80, isTTY: true });
  let shown = '';
  output.on('data', (chunk) => {
    shown += chunk;
  });
  const terminal = new Terminal(input as unknown as ReadStream, output as unknown as WriteStream);
  t.after(() => terminal.close());
  return { input, keyboard: new Keyboard(terminal), shown: () => stripVTControlCharacters(shown) };
}

test('of a secret nothing is shown, not even its length', async (t) => {
  const { input, keyboard, shown } = atTerminal(t);
  input.write('Not-to-be-seen-1\r');
  const typed = await keyboard.secret('Passphrase: ');
  assert.ok(typed instanceof SecretBytes);
  assert.equal(typed.reveal().toString(), 'Not-to-be-seen-1');
  assert.equal(shown().replaceAll('\r', ''), `${'Passphrase: '.repeat('Not-to-be-seen-1'.length + 2)}\n`);
});

test('a line comes without blanks around it', async (t) => {
  const { input, keyboard } = atTerminal(t);
  input.write('  olga \r');
  assert.equal(await keyboard.line('User ID: '), 'olga');
});

for (const [name, key] of [
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
] as const)
  test(`${name} goes back, and drops what was typed ahead`, async (t) => {
    const { input, keyboard, shown } = atTerminal(t);
    input.write(`half${key}Typed-ahead-1\r`);
    assert.deepEqual(await keyboard.line('User ID: '), { left: 'back' });
    input.write('olga\r');
    assert.equal(await keyboard.line('User ID: '), 'olga');
    assert.doesNotMatch(shown(), /ahead/);
  });

test('without a key for too long the log-in is over', async (t) => {
  const { keyboard } = atTerminal(t);
  keyboard.limit({ idleMs: 1, endMs: Number.POSITIVE_INFINITY });
  assert.deepEqual(await keyboard.line('Enter your choice: '), { left: 'expired' });
});

test('after its last minute it is over, whatever is typed', async (t) => {
  const { input, keyboard } = atTerminal(t);
  keyboard.limit({ idleMs: 60_000, endMs: performance.now() });
  input.write('1\r');
  assert.deepEqual(await keyboard.line('Enter your choice: '), { left: 'expired' });
});

test('where nobody is logged in nothing is over', async (t) => {
  const { input, keyboard } = atTerminal(t);
  keyboard.limit({ idleMs: 1, endMs: 0 });
  keyboard.limit(null);
  const line = keyboard.line('User ID: ');
  setImmediate(() => input.write('olga\r'));
  assert.equal(await line, 'olga');
});

test('a terminal that has gone stays gone', async (t) => {
  const { input, keyboard } = atTerminal(t);
  const line = keyboard.line('User ID: ');
  input.end();
  assert.deepEqual(await line, { left: 'gone' });
  assert.deepEqual(await keyboard.secret('Passphrase: '), { left: 'gone' });
});
