/** What somebody with the support account tries: to run, read, change or reach what is not his. Each is refused by the real sshd or the support shell, and told to the audit. As root. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { accepts } from '../../../test/support/accepts.ts';
import { freePort } from '../../../test/support/free-port.ts';
import { CTRL_C, ENTER, PseudoTerminal } from '../../../test/support/pseudo-terminal.ts';
import { SshClient } from '../../../test/support/ssh-client.ts';
import { HOST, SupportBench } from '../../../test/support/support-bench.ts';
import { until } from '../../../test/support/until.ts';

const bench = await SupportBench.at();
const client = new SshClient(HOST, bench.port);
await bench.enable({ authorizedKeys: [client.publicKey] });
after(async () => {
  await bench[Symbol.asyncDispose]();
  client[Symbol.dispose]();
});
const MARK = join(client.folder, 'mark');

const HOSTILE = [
  'sh',
  '/bin/sh',
  'bash -i',
  `touch ${MARK}`,
  `status; touch ${MARK}`,
  `status && touch ${MARK}`,
  `status | tee ${MARK}`,
  `$(touch ${MARK})`,
  `\`touch ${MARK}\``,
  `status > ${MARK}`,
  `status\u0000touch ${MARK}`,
  'status --help',
  'ports /etc/shadow',
  '../../bin/sh',
  '/run/openkma-support/node -e process.exit()',
  '!sh',
  'constructor',
  '__proto__',
  'toString',
  '\u001b]0;title\u0007',
  'x'.repeat(5_000),
];

for (const line of HOSTILE) {
  const shown = JSON.stringify(line.slice(0, 60));
  test(`typed at the prompt, ${shown} is no command`, async () => {
    const { status, stdout } = await client.ssh('key', `${line}\nexit\n`);
    assert.equal(status, 0);
    assert.match(stdout, /^(No such command\. Commands are single words; "help" lists them\.\n)+$/);
    assert.ok(!existsSync(MARK));
  });
}

for (const line of HOSTILE.filter((text) => !text.includes('\u0000') && !text.startsWith('x')))
  test(`given to ssh, ${JSON.stringify(line)} is no command`, async () => {
    const { status, stdout } = await client.ssh('key', '', line);
    assert.equal(status, 1);
    assert.match(stdout, /^No such command/);
    assert.ok(!existsSync(MARK));
  });

test('a line that is no command is told to the audit in quotes, without control characters and not too long', () => {
  const noted = bench.noted('Unknown support command').map(({ message }) => message);
  assert.ok(
    noted.some((message) => message.endsWith(`line="status; touch ${MARK}"`)),
    noted.join('\n'),
  );
  assert.deepEqual(
    noted.filter((message) => message.length > 400 || /\p{Cc}/u.test(message)),
    [],
  );
});

test('no file goes there or comes from there: neither by sftp nor by scp of either kind', async () => {
  writeFileSync(join(client.folder, 'file'), 'content');
  const there = `${client.target}:/tmp/file`;
  for (const [program, ...words] of [
    ['sftp', '-b', '-', client.target],
    ['scp', '-q', join(client.folder, 'file'), there],
    ['scp', '-q', '-O', join(client.folder, 'file'), there],
    ['scp', '-q', `${client.target}:/etc/passwd`, client.folder],
    ['scp', '-q', '-O', `${client.target}:/etc/passwd`, client.folder],
  ]) {
    const { status } = await client.run(program ?? '', 'key', 'ls /\n', ...words);
    assert.notEqual(status, 0, program);
  }
  assert.ok(!readdirSync(client.folder).includes('passwd'));
  await until('the subsystem is noted', () =>
    bench.noted('Refused in a support session').some(({ message }) => message === 'what=subsystem sftp'),
  );
});

test('nothing is forwarded: no port in either direction, no socket, no proxy, no standard input, no display, no agent', async () => {
  const inside = createServer((socket) => socket.end('reached')).listen(0, HOST);
  await once(inside, 'listening');
  const { port } = inside.address() as { port: number };
  const outside = await freePort();
  const [far, socks] = [await freePort(), await freePort()];
  const through = await client.ssh('key', '', '-W', `${HOST}:${port}`);
  assert.doesNotMatch(through.stdout, /reached/);
  for (const option of [
    ['-R', `${far}:${HOST}:${port}`],
    ['-R', String(far)],
    ['-R', `/tmp/openkma-far.sock:${HOST}:${port}`],
  ]) {
    const { status, stderr } = await client.ssh(
      'key',
      '',
      '-o',
      'ExitOnForwardFailure=yes',
      ...option,
      'time',
    );
    assert.equal(status, 255, option.join(' '));
    assert.match(stderr, /forwarding failed/);
  }
  assert.equal(await accepts(HOST, far), false);
  const local = new PseudoTerminal(
    ['ssh', ...client.options('key'), '-L', `${outside}:${HOST}:${port}`, '-D', String(socks), client.target],
    80,
    client.environment('key'),
  );
  await local.shows(/support>/);
  const { connect } = await import('node:net');
  let got = '';
  const socket = connect(outside, HOST).on('data', (chunk) => {
    got += chunk;
  });
  socket.on('error', () => undefined);
  await once(socket, 'close');
  assert.equal(got, '');
  await local[Symbol.asyncDispose]();
  inside.close();
  const display = await client.ssh('key', '', '-A', '-X', 'time');
  assert.equal(display.status, 0);
  await until('forwarding is noted', () =>
    bench.noted('Refused in a support session').some(({ message }) => message === 'what=forwarding'),
  );
});

test('no variable of the client reaches the shell', async () => {
  const set = [
    'NODE_OPTIONS=--version',
    'LD_PRELOAD=/nowhere.so',
    'ENV=/etc/hostname',
    'SSH_ORIGINAL_COMMAND=exit',
    'PATH=/nowhere',
  ];
  const { status, stdout, stderr } = await client.ssh(
    'key',
    '',
    ...set.flatMap((one) => ['-o', `SetEnv=${one}`]),
    'time',
  );
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^KMA {9}20/);
});

test('files of a home directory are not read: there is none to write to', async () => {
  mkdirSync('/home/okmsupport/.ssh', { recursive: true });
  try {
    writeFileSync('/home/okmsupport/.ssh/rc', `touch ${MARK}\n`);
    assert.equal((await client.ssh('key', '', 'time')).status, 0);
    assert.ok(!existsSync(MARK));
  } finally {
    const { rmSync } = await import('node:fs');
    rmSync('/home/okmsupport', { recursive: true, force: true });
  }
});

test('on a terminal it prompts, forgets a line at Ctrl-C, and leaves at the end of input', async () => {
  await using terminal = new PseudoTerminal(
    ['ssh', ...client.options('key'), client.target],
    100,
    client.environment('key'),
  );
  await terminal.answer(/Support shell of the KMA "kma-1"[\s\S]*support> /, `half a li${CTRL_C}`);
  await terminal.answer(/support> /, `time${ENTER}`);
  await terminal.answer(/machine +20[\s\S]*support> /, `suspend\u001a${ENTER}`);
  await terminal.answer(/No such command[\s\S]*support> /, '\u0004');
  assert.equal(await terminal.ended(), 0);
});

test('every command of the list answers, and shows neither arguments of programs nor the data directory', async () => {
  const { stdout: list } = await client.ssh('key', '', 'help');
  const words = [...list.matchAll(/^ {2}(\w+)/gm)].map(([, word = '']) => word);
  for (const word of words) {
    const { status, stdout } = await client.ssh('key', '', word);
    assert.equal(status, 0, word);
    if (word === 'processes') assert.doesNotMatch(stdout, /--/);
    if (word === 'ports') assert.match(stdout, new RegExp(`^tcp  127\\.0\\.0\\.1:${bench.port}$`, 'm'));
    if (word === 'disk') assert.match(stdout, /Filesystem/);
  }
  assert.deepEqual(words.slice(0, 6), ['status', 'doctor', 'ports', 'processes', 'disk', 'network']);
});

test('who asks faster than anybody types is told to wait, and the audit is not washed', async () => {
  const before = bench.notes.length;
  const { stdout } = await client.ssh('key', `${'time\n'.repeat(60)}`);
  assert.equal(stdout.match(/^KMA /gm)?.length, 40);
  assert.match(stdout, /Too many commands in a minute/);
  assert.ok(bench.notes.length - before < 70);
});
