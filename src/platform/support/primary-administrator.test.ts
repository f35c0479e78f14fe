/** Primary Administrator with a real sshd: root and a real shell in the machine's own file system, recorded as far as a shell tells, gone when it is disabled. As root. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { ENTER, PseudoTerminal } from '../../../test/support/pseudo-terminal.ts';
import { SshClient } from '../../../test/support/ssh-client.ts';
import { HOST, PASSWORD, SupportBench } from '../../../test/support/support-bench.ts';
import { until } from '../../../test/support/until.ts';

test('a real shell of root, whose lines are recorded; disabling ends it and what it left running', async () => {
  await using bench = await SupportBench.at();
  using client = new SshClient(HOST, bench.port);
  await bench.enable({ primaryAdministrator: true, authorizedKeys: [client.publicKey] });
  const once = await client.ssh(PASSWORD, '', 'id -u; head -1 /etc/passwd');
  assert.match(once.stdout, /^0\nroot:x:0:0:root:\/root:\/bin\/bash\n$/, once.stderr);
  await using terminal = new PseudoTerminal(
    ['ssh', ...client.options('key'), client.target],
    100,
    client.environment('key'),
  );
  await terminal.answer(/# /, ` echo "six times seven is $((6*7))"${ENTER}`);
  await terminal.answer(/seven is 42[\s\S]*# /, `(setsid sleep 4711 &)${ENTER}`);
  await terminal.answer(/# /, `pgrep -f "sleep 471[1]"${ENTER}`);
  const left = Number(/\d+\s*$/.exec(await terminal.shows(/[\r\n]\d+\s/))?.[0]);
  assert.ok(existsSync(`/proc/${left}`), `${left}`);
  const lines = () => bench.noted('Primary administrator command').map(({ message }) => message);
  await until('the records', () => lines().length >= 4);
  assert.match(
    lines()[0] ?? '',
    /^from=127\.0\.0\.1:\d+ line="begins: \/bin\/bash -c id -u; head -1 \/etc\/passwd"$/,
  );
  assert.ok(
    lines().some((line) => line.includes('six times seven is $((6*7))')),
    lines().join('\n'),
  );
  bench.give({});
  assert.notEqual(await terminal.ended(), 0);
  await bench.closed();
  assert.ok(!existsSync(`/proc/${left}`), 'what was left running is gone');
});
