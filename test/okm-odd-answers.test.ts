/** okm and answers that no KMA of ours gives: nothing in them steers a terminal, and none is taken for done that is not. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { logInAt, oddKma } from './support/odd-kma.ts';
import { OkmShell } from './support/okm-shell.ts';
import { ENTER } from './support/pseudo-terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-odd-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const json = (body: unknown) => ({ status: 200, body: JSON.stringify(body) });
/** CSI as one character, an escape sequence, a carriage return, text from right to left. */
const HOSTILE = 'x\u009b2J\u001b[1A\rRoles: AUDITOR\u202ey';
const ESCAPED = 'x\\u{9b}2J\\u{1b}[1A\\u{d}Roles: AUDITOR\\u{202e}y';

test('a text to be approved keeps its lines and shows what would steer the terminal; the code that is typed is seen', async () => {
  const text = `Create user "olga".\nDescription: "${HOSTILE}"\n`;
  const [state, obstacle] = ['waiting', ''];
  await using kma = await oddKma(() => json({ text, state, obstacle, needed: 2, counting: 0 }));
  const okm = new OkmShell(folder);
  await logInAt(kma, okm);
  const { status, stderr } = await okm.run('pending', 'review', '0'.repeat(32), '--code', 'WRONG');
  assert.equal(status, 5, stderr);
  assert.ok(stderr.startsWith(`Create user "olga".\nDescription: "${ESCAPED}"\n`), stderr);
  await using terminal = okm.onTerminal('pending', 'review', '0'.repeat(32));
  await terminal.answer(/read it aloud .*: $/, `WRONG${ENTER}`);
  await terminal.shows(/WRONG/);
  await terminal.shows(/Nothing was approved/);
});

test('neither names nor values of fields steer a terminal, in tables, records or JSON', async () => {
  await using kma = await oddKma(({ line }) =>
    json(
      line.endsWith('/sites') ? { rows: [{ [HOSTILE]: HOSTILE }], next: HOSTILE } : { [HOSTILE]: HOSTILE },
    ),
  );
  const okm = new OkmShell(folder);
  await logInAt(kma, okm);
  for (const command of [
    ['site', 'list'],
    ['site', 'show', 'x'],
  ])
    for (const form of [[], ['--tsv'], ['--json']]) {
      const { stdout, stderr, status } = await okm.run(...command, ...form);
      assert.equal(status, 0, stderr);
      assert.doesNotMatch((stdout + stderr).replaceAll(/[\t\n]/g, ''), /[\p{Cc}\p{Cf}]/u);
      assert.match(stdout, form[0] === '--json' ? /\\u009b2J\\u001b/ : /\\u\{9b\}2J\\u\{1b\}/i);
    }
});

test('who has read enough of the output ends okm without a word', async () => {
  const rows = Array.from({ length: 20_000 }, (_, row) => ({ site: `site-${row}`, description: HOSTILE }));
  await using kma = await oddKma(() => json({ rows, next: 'X' }));
  const okm = new OkmShell(folder);
  await logInAt(kma, okm);
  for (const all of [[], ['--all']]) {
    const { stdout, stderr } = await okm.piped(['site', 'list', ...all], 'head -c 1');
    assert.equal(stdout, 'S');
    assert.doesNotMatch(stderr, /EPIPE|error/i);
  }
});

test('what long work says of itself steers no terminal', async () => {
  const job = '0'.repeat(32);
  const row = { job, operation: 'CreateDatabaseBackup', startedAt: '', endedAt: '' };
  const told = { doing: HOSTILE, done: 1, total: 2, code: null, detail: '', result: null };
  await using kma = await oddKma(({ line, number }) =>
    line.startsWith('POST')
      ? { status: 202, headers: { Location: `/v1/jobs/${job}` }, body: JSON.stringify({ job }) }
      : // The waits between so many questions are longer than work goes on without a word.
        json({ ...row, state: number < 10 ? 'running' : 'done', ...told }),
  );
  const okm = new OkmShell(folder);
  await logInAt(kma, okm);
  const { status, stderr } = await okm.run('backup', 'create');
  assert.equal(status, 0, stderr);
  assert.ok(stderr.startsWith(`${ESCAPED}: 50 %`), stderr);
});
