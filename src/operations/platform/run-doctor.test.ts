/** What a KMA's doctor adds to what the platform process found: whether the replicators are connected, and what other parts have trouble with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, set } from '../../core/facts.ts';
import type { KmaId } from '../../core/ids.ts';
import { refuse } from '../../core/refusal.ts';
import type { MemberStanding } from '../member-standing.ts';
import { World } from '../world.fixture.ts';
import { runDoctor, runLocalDoctor } from './run-doctor.ts';

const tcp = { step: 'tcp', outcome: 'ok', cause: null, detail: 'connected', ms: 1 } as const;
const tls = { ...tcp, step: 'tls', detail: 'TLSv1.3' } as const;
const noKey = { ...tcp, step: 'answer', outcome: 'skipped', cause: 'no-identity', detail: '' } as const;
type Steps = readonly object[];

const ROOT_PEM = '-----BEGIN CERTIFICATE-----';

/** What the platform process says: one member, of which 3336 went so. */
const found = (steps: Steps = [tcp, tls, noKey], advice: readonly object[] = []) => ({
  from: 'kma-1',
  at: '2026-01-01T00:00:00.000Z',
  result: advice.length > 0 ? 'problems' : 'fine',
  advice,
  places: [
    {
      name: 'kma-2',
      address: '192.0.2.2',
      steps: [],
      services: [{ service: 'replication', port: 3336, steps }],
      clockAheadMs: null,
    },
  ],
  ms: 5,
});

/** Two members; of the other one this was heard. */
function worldOfTwo(responding: boolean) {
  const world = new World();
  const kmaId = 'D'.repeat(32) as KmaId;
  world.commit([
    set('certificate_authority', 'root', { certificatePem: ROOT_PEM }),
    created('kma', kmaId, { name: 'kma-2', createdAt: world.nowMs, number: 2 }),
    set('kma', kmaId, { enabled: 1 }),
  ]);
  const standing: MemberStanding = {
    kmaId,
    responding,
    responseMs: 3,
    clockAheadMs: 0,
    health: null,
    heardAtMs: world.nowMs - 90_000,
    service: null,
    lagEntries: () => 0,
  };
  return { world, members: () => [standing] };
}

const platformThat = (answer: unknown) => {
  const asked: unknown[][] = [];
  const ask = async (...question: unknown[]) => {
    asked.push(question);
    return answer;
  };
  return { asked, platform: { ask } };
};

test('the replicators are asked where the platform process has no key to ask with', async () => {
  const { world, members } = worldOfTwo(true);
  const { asked, platform } = platformThat(found());
  const { output } = await world.did(runLocalDoctor, {}, { platform, members });
  assert.equal(output.result, 'fine');
  assert.deepEqual(
    output.places[0]?.services[0]?.steps.map(({ step, outcome }) => [step, outcome]),
    [
      ['tcp', 'ok'],
      ['tls', 'ok'],
      ['answer', 'ok'],
    ],
  );
  const [[part, question] = []] = asked;
  assert.equal(part, 'doctor');
  assert.match((question as { caPem: string }).caPem, /BEGIN CERTIFICATE/);
});

test('a port that is open while the two are not connected is told, with what it costs', async () => {
  const { world, members } = worldOfTwo(false);
  const { platform } = platformThat(found());
  const { output, decision } = await world.did(runDoctor, {}, { platform, members });
  assert.equal(output.result, 'problems');
  assert.deepEqual(
    output.advice.map(({ cause, ports }) => [cause, ports]),
    [['not-connected', [3336]]],
  );
  assert.match(
    output.advice[0]?.problem ?? '',
    /^kma-1 reaches 3336 of kma-2 \(192\.0\.2\.2\), and the two are not connected there: they do not replicate/,
  );
  assert.equal(decision?.audit?.message, 'result=problems advice=1');
  const told = { effect: 'doctor-looked', result: 'problems', at: output.at };
  assert.deepEqual(decision?.effects, [told], 'not "fine", which is what the platform process found');
});

test('a member that is left alone is named with why, and what to do about it', async () => {
  const { world, members } = worldOfTwo(false);
  const { platform } = platformThat(found());
  const alone = { reason: 'two logs of one key', untilMs: Date.UTC(2026, 0, 2) };
  const leftAlone = () => new Map([['D'.repeat(32), alone]]);
  const { output } = await world.did(runDoctor, {}, { platform, members, leftAlone });
  assert.equal(output.advice.length, 1);
  assert.match(
    output.advice[0]?.problem ?? '',
    /^kma-2 \(192\.0\.2\.2\) did on 3336 what no KMA does, and kma-1 leaves it alone until 2026-01-02T\S+: two logs of one key/,
  );
  assert.match(output.advice[0]?.change ?? '', /deleted as lost/);
  const step = output.places[0]?.services[0]?.steps.at(-1);
  assert.match(
    step?.detail ?? '',
    /^left alone until 2026-01-02T\S+: two logs of one key; heard of last: 90 s ago$/,
  );
});

test('where 3336 is filtered the advice about that is enough', async () => {
  const { world, members } = worldOfTwo(false);
  const silent = { ...tcp, outcome: 'failed', cause: 'silent', detail: 'no answer' };
  const filtered = {
    ...{ severity: 'failed', place: 'kma-2 (192.0.2.2)', ports: [3336], cause: 'silent' },
    ...{ problem: '3336 is filtered', change: 'open TCP 3336 there' },
  };
  const { platform } = platformThat(found([silent], [filtered]));
  const { output } = await world.did(runDoctor, {}, { platform, members });
  assert.deepEqual(
    output.advice.map(({ cause }) => cause),
    ['silent'],
  );
});

test('what other parts have trouble with is a warning', async () => {
  const { world, members } = worldOfTwo(true);
  const { platform } = platformThat(found());
  const syslog = { summary: '', troubles: ['192.0.2.14 does not answer'], details: {} };
  const platformStates = () => ({
    ...{ running: true, wanted: true, goneForMs: 0 },
    parts: new Map([['syslog', syslog]]),
  });
  const { output } = await world.did(runDoctor, {}, { platform, members, platformStates });
  assert.equal(output.result, 'warnings');
  assert.equal(output.advice[0]?.problem, 'syslog: 192.0.2.14 does not answer');
});

test('a server that does not answer is named once, though a part has trouble with it too, and another one is not passed over', async () => {
  const { world, members } = worldOfTwo(true);
  const failed = { ...tcp, outcome: 'failed', cause: 'refused', detail: 'refused' };
  const at = (name: string, address: string, service: string) => ({
    ...{ name, address, steps: [], clockAheadMs: null },
    services: [{ service, port: 1, steps: [failed] }],
  });
  const places = [
    at('syslog server logs', '192.0.2.1', 'syslog'),
    at('SNMP manager noc', '192.0.2.2', 'snmp'),
    at('NTP server', '192.0.2.3', 'ntp'),
    at('DNS server', '192.0.2.4', 'dns'),
  ];
  const advice = places.map(({ name }) => ({
    ...{ severity: 'failed', place: name, ports: [1], cause: 'refused', problem: name, change: '' },
  }));
  const { platform } = platformThat({ ...found([], advice), places });
  const troubles = {
    syslog: [
      'syslog server logs gets nothing, 3 records wait: connect ECONNREFUSED',
      'syslog server logs 2 gets nothing, 3 records wait: connect ECONNREFUSED',
    ],
    snmp: ['SNMP manager noc (192.0.2.2, UDP 162) gets nothing: no answer; 3 events wait'],
    time: ['the NTP server 192.0.2.3 is unreachable: look at it'],
    names: ['no DNS server answers (silence): see that port 53 of 192.0.2.4 can be reached'],
  };
  const parts = new Map(
    Object.entries(troubles).map(([part, texts]) => [part, { summary: '', troubles: texts, details: {} }]),
  );
  const platformStates = () => ({ running: true, wanted: true, goneForMs: 0, parts });
  const { output } = await world.did(runLocalDoctor, {}, { platform, members, platformStates });
  assert.deepEqual(
    output.advice.map(({ problem }) => problem),
    [...places.map(({ name }) => name), `syslog: ${troubles.syslog[1]}`],
  );
});

test('without the platform process nothing is found, and that is said', async () => {
  const { world } = worldOfTwo(true);
  assert.equal(await world.refusal(runDoctor, {}), 'PLATFORM_NOT_THERE');
  const { platform } = platformThat(refuse('PLATFORM_NOT_THERE'));
  assert.equal(await world.refusal(runDoctor, {}, { platform }), 'PLATFORM_NOT_THERE');
});
