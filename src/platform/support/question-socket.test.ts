/** The socket behind the support shell, asked by somebody who has broken out of that shell and sends what he likes. As root. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../../test/support/until.ts';
import { SUPPORT_ID } from './account-files.ts';
import { QuestionSocket, type SupportQuestion } from './question-socket.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-questions-'));
const directory = join(folder, 'support');
const asked: SupportQuestion[] = [];
const served = await QuestionSocket.listen(directory, async (question) => {
  asked.push(question);
  if (question.line === 'never') await new Promise(() => undefined);
  return { text: question.line === 'long' ? 'x'.repeat(200_000) : `${question.line}!` };
});
after(() => {
  served.close();
  rmSync(folder, { recursive: true, force: true });
});

function shell(): { socket: Socket; said: () => string } {
  let said = '';
  const socket = connect(join(directory, 'ask.sock'));
  socket.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  socket.on('error', () => undefined);
  return { socket, said: () => said };
}
const asks = (line: unknown, from: unknown = '') => `${JSON.stringify({ from, line })}\n`;

test('it is for root and the account alone', () => {
  const [way, end] = [statSync(directory), statSync(join(directory, 'ask.sock'))];
  assert.deepEqual([way.mode & 0o777, way.gid], [0o710, SUPPORT_ID]);
  assert.deepEqual([end.mode & 0o777, end.uid, end.gid], [0o660, 0, SUPPORT_ID]);
});

test('answers come in the order of the questions, in whatever pieces these arrive', async () => {
  const { socket, said } = shell();
  const bytes = asks('one') + asks('two');
  for (const piece of bytes.match(/[\s\S]{1,3}/g) ?? []) socket.write(piece);
  await until('both', () => said().split('\n').length === 3);
  assert.deepEqual(
    said()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).text),
    ['one!', 'two!'],
  );
  socket.destroy();
});

for (const [what, bytes] of [
  ['no JSON', 'status\n'],
  ['another shape', '{"line":"status"}\n'],
  ['more fields', '{"from":"","line":"status","as":"root"}\n'],
  ['a line of another type', asks(7)],
  ['a line that is too long', asks('x'.repeat(257))],
  ['bytes without an end', 'x'.repeat(3_000)],
  ['nothing but ends of lines', '\n'.repeat(500)],
  ['bytes that are no text', '\u0000\uffff\n'],
] as const)
  test(`${what}: the connection ends, and nothing is asked`, async () => {
    const before = asked.length;
    const { socket } = shell();
    socket.end(bytes);
    socket.resume();
    await once(socket, 'close');
    assert.equal(asked.length, before);
  });

test('no more than so many wait for an answer, in however many pieces they come', {
  timeout: 60_000,
}, async () => {
  const { socket } = shell();
  socket.write(asks('never'));
  const ended = once(socket, 'close').then(() => true);
  for (let over = false; !over; over = await Promise.race([ended, pause(5, false)]))
    if (socket.writable) socket.write(asks('more').repeat(20));
});

test('an answer is bounded', async () => {
  const { socket, said } = shell();
  socket.write(asks('long'));
  await until('the answer', () => said().endsWith('\n'));
  assert.equal(JSON.parse(said()).text.length, 64_000);
  socket.destroy();
});

test('so many shells at a time, and one more once one has gone', async () => {
  const shells = Array.from({ length: 6 }, shell);
  await Promise.all(shells.map(({ socket }) => once(socket, 'connect')));
  const seventh = shell();
  await once(seventh.socket, 'close');
  shells[0]?.socket.destroy();
  await until('another one', async () => {
    const { socket, said } = shell();
    socket.write(asks('still there'));
    await Promise.race([once(socket, 'close'), until('an answer', () => said() !== '')]);
    socket.destroy();
    return said().includes('still there!');
  });
  for (const { socket } of shells) socket.destroy();
});
