/** The table of what the doctor says: for each thing that was found at a KMA, one sentence of what is broken and one of what to change. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose } from './diagnosis.ts';
import type { PlaceReport } from './place.ts';
import { type Finding, failed, ok, type StepName, skipped, warning } from './step.ts';

const VIEW = {
  from: 'agent a',
  consequences: {
    ca: 'nobody could enrol',
    certificate: 'nobody could enrol',
    agent: 'agents would get no keys',
    discovery: 'agents would not discover',
  },
};
const PORTS = { ca: 3331, certificate: 3332, agent: 3334, discovery: 3335 } as const;
type Name = keyof typeof PORTS;
type Steps = Partial<Record<StepName, Finding>>;

const stepsOf = (steps: Steps) =>
  Object.entries(steps).map(([name, finding]) => ({ step: name as StepName, ...finding, ms: 1 }));

/** A KMA at which all is well but for what is given. */
function place(
  services: Partial<Record<Name, Steps>>,
  {
    name = 'kma-1',
    whole = {},
    clockAheadMs = 0,
  }: { name?: string; whole?: Steps; clockAheadMs?: number } = {},
): PlaceReport {
  const secure = {
    tcp: ok('connected'),
    tls: ok('TLSv1.3'),
    certificate: ok('until 2030'),
    identity: ok(name),
  };
  const fine = (service: Name): Steps =>
    service === 'ca' ? { tcp: ok('connected'), answer: ok('') } : { ...secure, answer: ok('') };
  return {
    name,
    address: '192.0.2.1',
    steps: stepsOf(whole),
    services: (Object.keys(PORTS) as Name[]).map((service) => ({
      service,
      port: PORTS[service],
      steps: stepsOf(services[service] ?? fine(service)),
    })),
    clockAheadMs,
  };
}

/** The same at every port, or at those with TLS. */
const everywhere = (steps: Steps) => ({ ca: steps, certificate: steps, agent: steps, discovery: steps });
const withTls = (steps: Steps) => ({ certificate: steps, agent: steps, discovery: steps });
const tls = (more: Steps): Steps => ({ tcp: ok(''), tls: ok(''), ...more });

const silent = { tcp: failed('silent', 'no answer within 4 s') };
const refused = { tcp: failed('refused', 'refused') };
const unreachable = { tcp: failed('unreachable', 'the host is unreachable') };
const nothing = { tcp: skipped('before', '') };

const TABLE: readonly (readonly [string, PlaceReport, number[], RegExp, RegExp])[] = [
  [
    'one port filtered',
    place({ discovery: silent }),
    [3335],
    /^3335 is filtered between agent a and kma-1 \(192\.0\.2\.1\): agents would not discover$/,
    /^open TCP 3335 there$/,
  ],
  [
    'two ports filtered',
    place({ ca: silent, certificate: silent }),
    [3331, 3332],
    /^3331 and 3332 are filtered between .*: nobody could enrol$/,
    /^open TCP 3331 and 3332 there$/,
  ],
  [
    'all ports silent',
    place(everywhere(silent)),
    [3331, 3332, 3334, 3335],
    /nothing answers at kma-1 .*the host is down, or a firewall/,
    /start the host .*open TCP 3331, 3332, 3334 and 3335/,
  ],
  ['one port refused', place({ agent: refused }), [3334], /3334 is refused at .*no keys/, /kma ports/],
  [
    'all ports refused',
    place(everywhere(refused)),
    [3331, 3332, 3334, 3335],
    /is up, and no KMA listens/,
    /kma serve/,
  ],
  [
    'a dead host',
    place(everywhere(unreachable)),
    [3331, 3332, 3334, 3335],
    /nobody has the address/,
    /start the host/,
  ],
  [
    'one port rejected',
    place({ agent: unreachable }),
    [3334],
    /port 3334 of kma-1.*router refuses/,
    /let TCP 3334 pass/,
  ],
  [
    'a name nobody knows',
    place(everywhere(nothing), { whole: { name: failed('name-unknown', 'ENOTFOUND') } }),
    [],
    /name of kma-1 .*has no address at agent a \(ENOTFOUND\)/,
    /correct the name/,
  ],
  [
    'DNS that does not answer',
    place(everywhere(nothing), { whole: { name: failed('name-server-silent', 'EAI_AGAIN') } }),
    [],
    /no DNS server tells agent a/,
    /DNS servers of this machine/,
  ],
  [
    'no route',
    place(everywhere(nothing), { whole: { route: failed('no-route', 'ENETUNREACH') } }),
    [],
    /agent a has no route to kma-1/,
    /add a route/,
  ],
  [
    'a stopped KMA: TLS and plain ports hang alike',
    place({
      ca: { tcp: ok(''), answer: failed('answer-silent', '') },
      ...withTls({ tcp: ok(''), tls: failed('tls-silent', '') }),
    }),
    [3331, 3332, 3334, 3335],
    /takes connections and says nothing: the KMA hangs, or is stopped/,
    /start it again/,
  ],
  [
    'one service hangs',
    place({ agent: tls({ answer: failed('answer-silent', '') }) }),
    [3334],
    /3334 of kma-1 .*takes connections and says nothing: agents would get no keys/,
    /one of its processes hangs/,
  ],
  [
    'another root CA',
    place(withTls(tls({ certificate: failed('wrong-ca', 'issued by another') }))),
    [3332, 3334, 3335],
    /certificate of kma-1 \(192\.0\.2\.1\) is not of the cluster/,
    /impostor.*kma root-ca show/,
  ],
  [
    'an expired certificate',
    place(withTls(tls({ certificate: failed('expired', 'the certificate expired on 2026-01-01') }))),
    [3332, 3334, 3335],
    /the certificate expired on 2026-01-01, at kma-1/,
    /renew its certificate/,
  ],
  [
    'a certificate that expires soon',
    place(withTls(tls({ certificate: warning('expires-soon', 'the certificate expires on 2026-12-01') }))),
    [3332, 3334, 3335],
    /expires on 2026-12-01/,
    /renewed/,
  ],
  [
    'another KMA at the address',
    place(withTls(tls({ identity: failed('other-kma', 'who answers is "kma-2"') }))),
    [3332, 3334, 3335],
    /another KMA answers at the address of kma-1/,
    /kma member modify/,
  ],
  [
    'a clock ten minutes ahead',
    place({}, { whole: { clock: failed('clock-off', '') }, clockAheadMs: 600_000 }),
    [],
    /the clock of kma-1 .* is 10 minutes ahead, compared with that of agent a/,
    /time server/,
  ],
  [
    'a clock a minute and a half behind',
    place({}, { whole: { clock: warning('clock-drifts', '') }, clockAheadMs: -90_000 }),
    [],
    /is 90 s behind, compared/,
    /NTP/,
  ],
  [
    'a locked KMA',
    place({ agent: tls({ answer: failed('locked', '1018') }) }),
    [3334],
    /is locked/,
    /kma unlock/,
  ],
  ['a busy KMA', place({ agent: tls({ answer: warning('busy', '1001') }) }), [3334], /is busy/, /try again/],
  [
    'a KMA that cannot serve',
    place(everywhere({ tcp: ok(''), answer: failed('server-error', 'Server Error') })),
    [3331, 3332, 3334, 3335],
    /kma-1 \(192\.0\.2\.1\) cannot serve now, and says no more than "Server Error"/,
    /kma status/,
  ],
  [
    'an agent that is disabled',
    place({ agent: tls({ answer: failed('identity-refused', '1000 Access denied') }) }),
    [3334],
    /does not let agent a in \(1000 Access denied\)/,
    /disabled/,
  ],
  [
    'TLS 1.0 only',
    place(
      withTls({
        tcp: ok(''),
        tls: failed('tls-version', 'it does not speak TLS 1.2 or later; it speaks TLSv1'),
      }),
    ),
    [3332, 3334, 3335],
    /no version of TLS in common: .*it speaks TLSv1/,
    /--minimum-tls/,
  ],
  [
    'something that is not TLS',
    place(withTls({ tcp: ok(''), tls: failed('tls-none', '') })),
    [3332, 3334, 3335],
    /something else than a KMA/,
    /correct the address or the port/,
  ],
  [
    'cut connections',
    place({ discovery: { tcp: ok(''), tls: failed('cut', 'closed') } }),
    [3335],
    /port 3335 .*then cut/,
    /firewall or proxy/,
  ],
];

for (const [what, report, ports, problem, change] of TABLE)
  test(`${what}: one piece of advice, which says what is broken and what to change`, () => {
    const advice = diagnose([report], VIEW);
    assert.equal(advice.length, 1, JSON.stringify(advice));
    assert.deepEqual(advice[0]?.ports, ports);
    assert.match(advice[0]?.problem ?? '', problem);
    assert.match(advice[0]?.change ?? '', change);
  });

test('over UDP silence is a filter or nobody who listens', () => {
  const dns = {
    ...place({}),
    name: 'DNS server',
    services: [{ service: 'dns', port: 53, steps: stepsOf({ answer: failed('udp-silent', 'no answer') }) }],
  };
  const [advice] = diagnose([dns], { ...VIEW, consequences: { dns: 'it would look up no names' } });
  assert.match(
    advice?.problem ?? '',
    /^nothing answers at UDP 53 of DNS server .*filtered between agent a .*: it would look up no names$/,
  );
  assert.match(advice?.change ?? '', /open UDP 53/);
});

test('a server that is no KMA is called one', () => {
  const syslog = (tcp: Finding) => ({
    ...place({}),
    name: 'syslog server logs',
    services: [{ service: 'syslog', port: 6514, steps: stepsOf({ tcp }) }],
  });
  const said = (tcp: Finding) => {
    const [advice] = diagnose([syslog(tcp)], {
      ...VIEW,
      consequences: { syslog: 'it would get no records' },
    });
    return [advice?.problem, advice?.change].join('; ');
  };
  assert.match(
    said(failed('refused', '')),
    /^the host of syslog server logs .* is up, and nobody listens at 6514: it would get no records; start the server/,
  );
  assert.match(
    said(failed('silent', '')),
    /^6514 of syslog server logs .* does not answer agent a: it is filtered .*; open TCP 6514 there/,
  );
});

test('nothing is said where nothing is wrong, or only left out', () => {
  const left = place(withTls(tls({ certificate: ok(''), answer: skipped('no-identity', 'no certificate') })));
  assert.deepEqual(diagnose([place({}), left], VIEW), []);
});

test('where all KMAs agree about the time, the clock here is what is wrong', () => {
  const off = (name: string, clockAheadMs: number) =>
    place({}, { name, whole: { clock: failed('clock-off', '') }, clockAheadMs });
  const advice = diagnose([off('kma-1', 601_000), off('kma-2', 599_000)], VIEW);
  assert.deepEqual(
    advice.map(({ place, problem }) => [place, problem]),
    [['agent a', 'the clock of agent a is off: all 2 KMAs are 10 minutes ahead, compared with it']],
  );
  const apart = diagnose([off('kma-1', 600_000), off('kma-2', -600_000)], VIEW);
  assert.deepEqual(
    apart.map(({ place }) => place),
    ['kma-1 (192.0.2.1)', 'kma-2 (192.0.2.1)'],
  );
});

test('what is broken comes before what may break', () => {
  const soon = place(withTls(tls({ certificate: warning('expires-soon', 'soon') })));
  const down = place(everywhere(silent), { name: 'kma-2' });
  assert.deepEqual(
    diagnose([soon, down], VIEW).map(({ severity }) => severity),
    ['failed', 'warning'],
  );
});
