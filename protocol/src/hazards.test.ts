/** What crashes or hangs agents (protocol section 13): each item that a codec can prevent, by name. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import {
  type DataUnit,
  EncodeError,
  encodeResponse,
  OPERATIONS,
  type OperationName,
  parseXml,
  RESPONSE_LIMITS,
  type Responses,
  type XmlElement,
} from './index.ts';
import { KEY, MEMBER, SAMPLES, UNIT, WRAPPED } from './samples.ts';
import type { StructShape } from './wire-type.ts';

const NAMES = Object.keys(OPERATIONS) as OperationName[];
const encode = <Name extends OperationName>(name: Name, fields: Responses[Name]): string =>
  encodeResponse(OPERATIONS[name].service, name, fields);
const refuses = <Name extends OperationName>(name: Name, fields: Responses[Name], field: string): void => {
  assert.throws(
    () => encode(name, fields),
    (error) => error instanceof EncodeError && error.field === field,
  );
};
const withUnit = (change: Partial<DataUnit>) => ({ dataUnit: { ...UNIT, ...change } });

function walk(element: XmlElement, visit: (element: XmlElement) => void): void {
  visit(element);
  for (const child of element.children) walk(child, visit);
}

/** A copy of `value` for every property at any depth, with that property taken away or null. */
function* damaged(shape: StructShape, value: object, path = ''): Generator<[string, object]> {
  for (const { property, field } of shape.elements) {
    const here = path === '' ? field.name : `${path}.${field.name}`;
    for (const nothing of [undefined, null]) yield [here, { ...value, [property]: nothing }];
    const inner: unknown = Reflect.get(value, property);
    if (field.shape.kind === 'struct')
      for (const [name, copy] of damaged(field.shape, Object(inner), here))
        yield [name, { ...value, [property]: copy }];
    if (field.shape.kind === 'array' && Array.isArray(inner) && inner.length > 0)
      for (const [name, copy] of damaged(field.shape.item, inner[0], here))
        yield [name, { ...value, [property]: [copy, ...inner.slice(1)] }];
  }
}

for (const name of NAMES)
  test(`hazard 1, missing or nil element: ${name}Response is not written without each of its elements`, () => {
    for (const [field, fields] of damaged(OPERATIONS[name].response.shape, SAMPLES[name]))
      refuses(name, fields as Responses[typeof name], field);
  });

test('hazard 1, missing or nil element: no response says nil, and an empty string is an empty element', () => {
  for (const name of NAMES) assert.ok(!encode(name, SAMPLES[name]).includes('nil='));
  const xml = encode('CreateDataUnit', withUnit({ externalUniqueId: '', externalTag: '', description: '' }));
  assert.ok(
    xml.includes(
      '<ExternalUniqueID></ExternalUniqueID><ExternalTag></ExternalTag><Description></Description>',
    ),
  );
});

test('hazard 2, odd number of hex digits: no identifier of a response is odd or other than hex', () => {
  for (const bad of ['ABC', 'A', 'XY', 'AB CD', 'AB\n'])
    refuses('CreateDataUnit', withUnit({ externalUniqueId: bad }), 'DataUnit.ExternalUniqueID');
  refuses('CreateDataUnit', withUnit({ dataUnitId: UNIT.dataUnitId.slice(1) }), 'DataUnit.DataUnitID');
  refuses('CreateKey', { key: { ...KEY, keyId: KEY.keyId.slice(1) } }, 'Key.KeyID');
  refuses('RegisterAgentKWK', { agentKwkId: 'D8D64A361117E47' }, 'AgentKWKID');
});

test('hazard 3, identifiers too long: DataUnitID has 32 digits and ExternalUniqueID at most 64', () => {
  refuses('CreateDataUnit', withUnit({ externalUniqueId: 'AB'.repeat(33) }), 'DataUnit.ExternalUniqueID');
  refuses('CreateDataUnit', withUnit({ dataUnitId: 'AB'.repeat(17) }), 'DataUnit.DataUnitID');
  refuses('CreateDataUnit', withUnit({ dataUnitId: '' }), 'DataUnit.DataUnitID');
  assert.ok(
    encode('CreateDataUnit', withUnit({ externalUniqueId: 'AB'.repeat(32) })).includes('AB'.repeat(32)),
  );
});

const publicKeyPem = (modulusLength: number): Buffer => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength });
  return Buffer.from(publicKey.export({ type: 'spki', format: 'pem' }));
};

test('hazard 4, KWK public key above 2048 bits: 2048 bits are sent, 3072 are not', () => {
  assert.ok(
    encode('GetAgentKWKPublicKey', { kwkPublicKey: publicKeyPem(2048) }).includes('<KWKPublicKey>2D2D'),
  );
  refuses('GetAgentKWKPublicKey', { kwkPublicKey: publicKeyPem(3072) }, 'KWKPublicKey');
});

test('hazard 7, empty KWKPublicKey or KWK ID of a wrong length', () => {
  refuses('GetAgentKWKPublicKey', { kwkPublicKey: Buffer.alloc(0) }, 'KWKPublicKey');
  for (const agentKwkId of ['', 'D8D64A361117E4', 'D8D64A361117E47600'])
    refuses('RegisterAgentKWK', { agentKwkId }, 'AgentKWKID');
});

test('hazard 8, bare IPv6 in KMANetworkAddress: an IPv6 address stands in its own attribute only', () => {
  for (const kmaNetworkAddress of ['::1', '2001:db8::1', '[2001:db8::1]', '2001:db8::1/64'])
    refuses(
      'DiscoverCluster',
      { entitySiteId: '', clusterMembers: [{ ...MEMBER, kmaNetworkAddress }] },
      'ArrayOfClusterMembers.KMANetworkAddress',
    );
  const members = [{ ...MEMBER, kmaNetworkAddressIpv6: '2001:db8::1/64' }];
  const xml = encode('DiscoverCluster', { entitySiteId: '', clusterMembers: members });
  assert.ok(xml.includes(' KMANetworkAddressIPv6="2001:db8::1/64"'));
});

test('long texts: every string for agents is cut at its bytes, between characters (section 12)', () => {
  const long = 'ä🔑€'.repeat(200);
  const member = { ...MEMBER, kmaName: long, kmaSiteId: long, kmaHostName: long, kmaVersion: long };
  const bodies = [
    encode('CreateDataUnit', withUnit({ externalTag: long, description: long })),
    encode('CreateKey2', { key: { ...WRAPPED, keyGroupId: long } }),
    encode('DiscoverCluster', { entitySiteId: long, clusterMembers: [member] }),
    encode('ListKeyGroups', {
      ...SAMPLES.ListKeyGroups,
      keyGroups: [{ keyGroupId: long, description: long }],
    }),
  ];
  const bounds = new Map([['KMAHostName', 255]]);
  let cut = 0;
  for (const body of bodies)
    walk(parseXml(Buffer.from(body), RESPONSE_LIMITS), ({ name, text }) => {
      if (!text.startsWith('ä')) return;
      cut += 1;
      const bytes = Buffer.byteLength(text);
      const bound = bounds.get(name) ?? 64;
      assert.ok(bytes <= bound && bytes > bound - 4 && long.startsWith(text), `${name} has ${bytes} bytes`);
    });
  assert.equal(cut, 9);
  assert.ok(Buffer.byteLength(/KMAVersion="([^"]*)"/.exec(bodies[2] ?? '')?.[1] ?? '') <= 100);
});

test('key states: only those from protect-and-process to compromised are sent (section 6.1)', () => {
  const send = (keyState: typeof KEY.keyState): string => encode('CreateKey', { key: { ...KEY, keyState } });
  for (const state of ['PROTECT-AND-PROCESS', 'PROCESS-ONLY', 'DEACTIVATED', 'COMPROMISED'] as const)
    assert.ok(send(`KEY-STATE-${state}`).includes(`<KeyState>KEY-STATE-${state}</KeyState>`));
  for (const state of [
    'GENERATED',
    'READY',
    'DESTROYED-COMPLETE',
    'DESTROYED-COMPROMISED-INCOMPLETE',
  ] as const)
    assert.throws(() => send(`KEY-STATE-${state}`), EncodeError);
});

test('key bytes: a plain call never sends a wrapped key, nor a wrapped call a plain one', () => {
  refuses('CreateKey', { key: WRAPPED }, 'Key.Key');
  refuses('CreateKey2', { key: KEY }, 'Key.Key');
  refuses('RetrieveDataUnitKeys2', { keysRemaining: 0, keys: [KEY] }, 'Keys.Key');
});

test('answers that agents refuse: bounds of sections 3 to 6 hold', () => {
  const ca = SAMPLES.RetrieveRootCACertificate;
  for (const count of [39_999, 400_001])
    refuses(
      'RetrieveRootCACertificate',
      { ...ca, authenticationHashIterationCount: count },
      'AuthenticationHashIterationCount',
    );
  refuses(
    'RetrieveRootCACertificate',
    { ...ca, clientAuthenticationChallenge: Buffer.alloc(19) },
    'ClientAuthenticationChallenge',
  );
  refuses('RetrieveRootCACertificate', { ...ca, rootCaCertificate: Buffer.alloc(4096) }, 'RootCACertificate');
  refuses('DiscoverCluster', { entitySiteId: '', clusterMembers: [] }, 'ArrayOfClusterMembers');
  refuses('RetrieveDataUnitKeys', { keysRemaining: 0, keys: Array(33).fill(KEY) }, 'Keys');
  refuses('RetrieveDataUnitKeys', { keysRemaining: -1, keys: [] }, 'KeysRemaining');
});

test('no error of the encoder repeats a value', () => {
  const key = Buffer.alloc(33, 0xa5);
  assert.throws(
    () => encode('CreateKey', { key: { ...KEY, key } }),
    (error) => error instanceof EncodeError && !/a5a5|165/i.test(error.message),
  );
});
