/** What was changed on two sides of a cut, as an administrator sees it with okm, and each command that it prints, typed as it stands. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { portOf } from '../src/client/log-in.ts';
import { type ClusterKma, TestCluster } from './support/cluster.ts';
import { OFFICER } from './support/kma.ts';
import { asUser } from './support/kma-command.ts';
import { KmaShell } from './support/kma-shell.ts';
import { OkmShell } from './support/okm-shell.ts';
import { until } from './support/until.ts';

const OFFSET = 25_700;
const LONG_MS = 120_000;
const cluster = new TestCluster(OFFSET);
after(() => cluster[Symbol.asyncDispose]());

interface Conflict {
  readonly what: string;
  readonly field: string;
  readonly kept: string;
  readonly keptBy: string;
  readonly other: string;
  readonly takeOther: string;
  readonly conflict: string;
  readonly standing: string;
}
interface Status {
  readonly conflicts: number;
  readonly warnings: readonly string[];
}
interface Site {
  readonly site: string;
  readonly description: string;
}

let a: ClusterKma;
let b: ClusterKma;
let officer: OkmShell;
/** One that has just started alone waits for the others before it writes. */
const changed = (kma: ClusterKma, operation: string, input: object) =>
  until(`${operation} at ${kma.name}`, () => kma.ask(operation, input).then(() => true), LONG_MS);
const shown = () => officer.rows<Conflict>('conflicts');
const sites = async () =>
  (await officer.rows<Site>('site', 'list')).map(({ site, description }) => `${site}: ${description}`);

before(async () => {
  a = await cluster.first('kma-a', '127.0.3.5');
  b = await cluster.joined(a, 'kma-b', '127.0.3.6');
  for (const site of ['rome', 'paris']) await a.ask('CreateSite', { site, description: 'old' });
  await until('both have the sites', () => b.sites().length === 2, LONG_MS);
  await b.stop();
  await changed(a, 'ModifySite', { site: 'rome', description: 'a' });
  await changed(a, 'DeleteSite', { site: 'paris' });
  await a.stop();
  await b.serve();
  await changed(b, 'ModifySite', { site: 'rome', description: 'b' });
  await changed(b, 'ModifySite', { site: 'paris', description: 'b' });
  await a.serve();
  officer = new OkmShell(cluster.folder);
  const place = ['--kma', a.host, '--port-offset', String(OFFSET), '--ca-key', cluster.caKeySha256];
  assert.equal(portOf({ portOffset: OFFSET }, 'management'), a.ports.management);
  await officer.text('profile', 'create', 'kma-a', ...place);
  await officer.text('login', OFFICER.name, ...asUser(cluster.folder, OFFICER).slice(2));
});

/** As it stands in the list; these have nothing in quotation marks. */
async function type(command: string): Promise<void> {
  const [okm, ...words] = command.split(' ');
  assert.equal(okm, 'okm');
  await officer.text(...words);
}

test('both conflicts are listed, with what counts and what was written elsewhere', async () => {
  await until('both are known', async () => (await shown()).length === 2, LONG_MS);
  const found = (await shown()).map(({ what, field, kept, keptBy, other }) => ({
    what,
    field,
    kept,
    keptBy,
    other,
  }));
  assert.deepEqual(
    found.sort((one, two) => (one.what < two.what ? -1 : 1)),
    [
      { what: 'site paris', field: '', kept: 'deleted', keptBy: 'kma-a', other: 'description=b' },
      { what: 'site rome', field: 'description', kept: 'b', keptBy: 'kma-b', other: 'a' },
    ],
  );
  const text = await officer.text('conflicts');
  assert.match(text, /site rome/);
  assert.deepEqual(await sites(), ['rome: b']);
});

test('at the appliance the same command is printed in its own words', async () => {
  const printed = await new KmaShell(a.data, cluster.folder).text('conflicts', { user: OFFICER });
  assert.ok(printed.includes(` --data ${a.data} site modify rome --description a --user NAME`), printed);
  assert.doesNotMatch(printed, /\bokm /);
});

test('once each command has taken the other one nothing is open any more, at no KMA, without settling it', async () => {
  for (const { takeOther } of await shown()) await type(takeOther);
  assert.deepEqual((await sites()).sort(), ['paris: b', 'rome: a']);
  assert.deepEqual(await shown(), []);
  await until('the other KMA has it too', () => b.sites().length === 3, LONG_MS);
  for (const kma of [a, b]) {
    const { conflicts, warnings } = await kma.ask<Status>('ShowStatus', {});
    assert.deepEqual([conflicts, warnings.filter((text) => text.includes('conflicts'))], [0, []], kma.name);
  }
});

test('what is changed to something else is listed again until it is settled, as the status says', async () => {
  await officer.text('site', 'modify', 'rome', '--description', 'c');
  const [found, ...others] = await officer.rows<Conflict>('conflicts');
  assert.ok(found !== undefined);
  assert.deepEqual([found.what, found.standing, others], ['site rome', 'changed since', []]);
  const status = await new KmaShell(a.data, cluster.folder).text('status');
  assert.match(status, /conflict settle CONFLICT"$/m);
  await officer.text('conflict', 'settle', found.conflict);
  assert.deepEqual(await shown(), []);
});
