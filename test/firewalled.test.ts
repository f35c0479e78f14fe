/** An agent, a manager and two KMAs, each behind its own default-drop firewall: all works; without any one needed port the right thing fails and the doctor names it; nothing else passes. Prints what it found as a table. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Examination } from '@openkma/agent/doctor';
import type { Page } from '../src/operations/pages.ts';
import { FirewalledCluster, type Gap, KMA_HOSTS, logIn } from './support/firewalled-cluster.ts';
import type { Host, KmaHost } from './support/firewalled-paths.ts';
import { AUDITOR, OFFICER } from './support/kma.ts';
import type { Ended } from './support/network-namespaces.ts';
import { until } from './support/until.ts';

const NEEDED = {
  agent: [3331, 3332, 3334, 3335],
  manager: [3331, 3332, 3333, 3335],
  KMA: [3331, 3332, 3336],
} as const;
const PROBLEMS = 10;
const UNAVAILABLE = { agent: 6, manager: 7 } as const;

let cluster: FirewalledCluster;
before(async () => {
  cluster = await FirewalledCluster.start();
});
after(() => cluster?.[Symbol.asyncDispose]());

const other = (kma: KmaHost): KmaHost => (kma === 'kma-1' ? 'kma-2' : 'kma-1');

function doctor(from: Host, to: KmaHost): Promise<Ended> {
  if (from === 'agent')
    return cluster.okmAgent(to, '--json', 'doctor', '--kma', cluster.address(to, 'agent'));
  if (from === 'manager') return cluster.okm('--profile', to, 'doctor', '--json');
  return cluster.kma(from, 'doctor', '--json');
}

async function examined(from: Host, to: KmaHost): Promise<{ status: number | null; found: Examination }> {
  const { status, stdout, stderr } = await doctor(from, to);
  assert.match(stdout, /^\{/, stderr);
  return { status, found: JSON.parse(stdout) as Examination };
}

test('behind their firewalls everything works, and every doctor finds nothing wrong', async () => {
  const dials = await Promise.all(KMA_HOSTS.map((host) => cluster.dials(host)));
  dialler = KMA_HOSTS[dials.indexOf(true)] ?? assert.fail('the KMAs are not connected');
  for (const kma of KMA_HOSTS) {
    const key = await cluster.okmAgent(kma, 'create-key');
    assert.equal(key.status, 0, key.stderr);
    for (const from of ['agent', 'manager', other(kma)] as const) {
      const { status, found } = await examined(from, kma);
      assert.deepEqual(found.advice, [], `${from} -> ${kma}`);
      assert.equal(status, 0);
    }
  }
});

/** What somebody does who needs this port, and whether it works. */
type Use = () => Promise<Ended>;

function usesOf(
  from: 'agent' | 'manager',
  to: KmaHost,
  timeoutS: number,
): Readonly<Record<number, readonly [string, Use]>> {
  const timeout = ['--timeout', String(timeoutS)];
  if (from === 'agent') {
    const short = (...argv: readonly string[]) =>
      cluster.okmAgent(to, ...timeout, '--failover-limit', '0', ...argv);
    const enrol = () => cluster.enrol(to, join(cluster.folder, `again-at-${to}`), timeoutS);
    return {
      3331: ['enroll', enrol],
      3332: ['enroll', enrol],
      3334: ['create-key', () => short('create-key')],
      3335: ['discover', () => cluster.discover(to, timeoutS)],
    };
  }
  const short = (...argv: readonly string[]) =>
    cluster.okm('--profile', to, ...timeout, '--retries', '0', ...argv);
  const login = () => cluster.okmFed(AUDITOR.passphrase, ...timeout, '--retries', '0', ...logIn(to));
  return {
    3331: ['login', login],
    3332: ['login', login],
    3333: ['whoami', () => short('whoami')],
    3335: ['kmas', () => short('kmas')],
  };
}

/** Without the port its use fails for want of an answer, and one of another port goes on. */
async function fails(from: 'agent' | 'manager', to: KmaHost, port: number): Promise<string> {
  const [name, use] = usesOf(from, to, 2)[port] ?? assert.fail(`nobody needs ${port}`);
  const { status, stderr } = await use();
  assert.equal(status, UNAVAILABLE[from], `${from} ${name} without ${port}: ${stderr}`);
  // Nothing is in its way, so it may take its time.
  const [, goesOn] =
    usesOf(from, to, 30)[port === 3335 ? NEEDED[from][2] : 3335] ?? assert.fail('nothing goes on');
  const { status: done, stderr: said } = await goesOn();
  assert.equal(done, 0, `${from} without ${port}: ${said}`);
  return name;
}

let dialler: KmaHost;

const seesOther = async (kma: KmaHost): Promise<boolean> => {
  const { rows } = await cluster.ask<Page<{ kma: string; responding: boolean }>>(
    kma,
    'ListKmas',
    {},
    OFFICER,
  );
  return rows.every(({ responding }) => responding);
};

/** Of KMAs: joining needs the first two, and the one of the two that dials the third. */
async function failsBetween(from: KmaHost, to: KmaHost, port: number): Promise<string> {
  if (port === 3336) {
    if (dialler !== from) return `nothing yet: ${to} dials`;
    await until('the two have noticed', async () => !(await seesOther(from)) && !(await seesOther(to)));
    return 'replication';
  }
  const rejoined = await cluster.network.run(from, [
    process.execPath,
    '-e',
    KNOCK,
    JSON.stringify([[cluster.address(to, from), port]]),
  ]);
  assert.equal(rejoined.stdout.trim(), '', 'the port passes');
  return 'join and rejoin';
}

/** Says which of these places let themselves be connected to. */
const KNOCK = `
for (const [host, port] of JSON.parse(process.argv[1])) {
  const socket = require('node:net').connect({ host, port });
  socket.on('connect', () => { console.log(host + ' ' + port); socket.destroy(); }).on('error', () => {});
  setTimeout(() => socket.destroy(), 1500);
}`;

const table: string[][] = [['path', 'port removed', 'what failed', 'what doctor said']];

async function row({ from, to, port }: Gap): Promise<void> {
  const [what, { status, found }] = await Promise.all([
    from === 'agent' || from === 'manager' ? fails(from, to, port) : failsBetween(from, to, port),
    examined(from, to),
  ]);
  const label = `${to} (${cluster.address(to, from)})`;
  const said = found.advice.map(({ problem, change }) => `${problem}; ${change}`);
  table.push([`${from} -> ${to}`, String(port), what, said.join(' / ')]);
  assert.equal(status, PROBLEMS);
  assert.equal(found.advice.length, 1, said.join('\n'));
  const [advice] = found.advice;
  assert.deepEqual([advice?.cause, advice?.ports, advice?.place], ['silent', [port], label]);
  assert.ok(advice?.problem.startsWith(`${port} is filtered between `), advice?.problem);
  assert.equal(advice?.change, `open TCP ${port} there`);
}

for (const kma of KMA_HOSTS)
  for (const turn of [0, 1, 2, 3])
    test(`without a port to ${kma} what needs it fails, and the doctor says which (${turn + 1} of 4)`, async () => {
      const from = other(kma);
      // Three paths at a time: none of them needs another's.
      const gaps: Gap[] = (
        [
          ['agent', NEEDED.agent[turn]],
          ['manager', NEEDED.manager[turn]],
          [from, NEEDED.KMA[turn]],
        ] as const
      ).flatMap(([caller, port]) => (port === undefined ? [] : [{ from: caller, to: kma, port }]));
      await cluster.close(gaps);
      try {
        const rows = await Promise.allSettled(gaps.map(row));
        for (const found of rows) if (found.status === 'rejected') throw found.reason;
      } finally {
        await cluster.close([]);
      }
      await until(
        'the KMAs are connected again',
        async () => (await seesOther(kma)) && (await seesOther(from)),
      );
    });

test('nothing else passes: of 4 hosts and the ports around, only those of the table', async () => {
  const around = [
    22, 53, 80, 111, 123, 161, 443, 514, 3330, 3331, 3332, 3333, 3334, 3335, 3336, 3337, 4045, 6514,
  ];
  for (const from of ['agent', 'manager', ...KMA_HOSTS] as const) {
    const to = (['agent', 'manager', ...KMA_HOSTS] as const).filter((host) => host !== from);
    const places = to.flatMap((host) =>
      (['management', 'service'] as const).flatMap((link) =>
        around.map((port) => [cluster.network.ipv4(host, link), port] as const),
      ),
    );
    const knocked = [process.execPath, '-e', KNOCK, JSON.stringify(places)];
    const open = (await cluster.network.run(from, knocked)).stdout.trim().split('\n').filter(Boolean).sort();
    const needed =
      from === 'agent' ? NEEDED.agent : from === 'manager' ? [443, ...NEEDED.manager] : NEEDED.KMA;
    const links = { agent: ['service'], manager: ['management'] } as const;
    const reachable = to
      .filter((host): host is KmaHost => host === 'kma-1' || host === 'kma-2')
      .flatMap((host) =>
        (from === 'agent' || from === 'manager' ? links[from] : (['management', 'service'] as const)).flatMap(
          (link) => needed.map((port) => `${cluster.network.ipv4(host, link)} ${port}`),
        ),
      );
    const unexpected = open.filter((place) => !reachable.includes(place));
    assert.deepEqual(unexpected, [], `${from} reaches what it should not`);
    assert.ok(open.length > 0, `${from} reaches something`);
  }
});

after(() => {
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)));
  const lines = table.map((cells) =>
    cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '),
  );
  console.log(lines.join('\n'));
});
