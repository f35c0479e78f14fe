/** docs/proof.md cannot drift: its vectors are recomputed from its own text, its examples decoded, its bounds and names compared with the code. */
import assert from 'node:assert/strict';
import { createHmac, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  authMessage,
  caKeySha256,
  canonicalJson,
  clientProof,
  decodeRequest,
  decodeResponse,
  EXPORTER_LABEL,
  isFault,
  OPERATIONS,
  openCredentials,
  type PlainCredential,
  PROOF_COST_CEILING,
  PROOF_COST_FLOOR,
  PreparedProof,
  type ProofRole,
  preparedPassphrase,
  provesClient,
  publicKeySha256,
  saltedPassword,
  scramKeys,
  serverSignature,
} from './index.ts';
import { sealBox, x25519PublicKey } from './sealed-box.ts';
import { credentialsText, sealedFor } from './sealed-credentials.ts';

const DOCUMENT = readFileSync(new URL('../../docs/proof.md', import.meta.url), 'utf8');
const VECTORS = DOCUMENT.slice(DOCUMENT.indexOf('\n## 9. '));
const VALUES = new Map(
  [...VECTORS.matchAll(/^(\w+) = (\S+)$/gm)].map((match) => [match[1] ?? '', match[2] ?? '']),
);
const given = (name: string): string => {
  const value = VALUES.get(name);
  assert.ok(value !== undefined, `${name} is in the document`);
  return value;
};
const bytes = (name: string) => Buffer.from(given(name), 'hex');
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex').toUpperCase();
const CA_PEM = `${/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(DOCUMENT)?.[0]}\n`;
const COST = {
  memoryKib: Number(given('MemoryKiB')),
  passes: Number(given('Passes')),
  lanes: Number(given('Lanes')),
};

test('the vectors follow from what the document gives', async () => {
  assert.equal(hex(preparedPassphrase(Buffer.from(given('Passphrase')))), given('PassphraseBytes'));
  const salted = await saltedPassword(Buffer.from(given('Passphrase')), bytes('Salt'), COST);
  const { clientKey, storedKey, serverKey } = scramKeys(salted);
  const clientKeySha256 = publicKeySha256(bytes('ClientPublicKey'));
  const message = authMessage(
    {
      role: given('Role') as ProofRole,
      entityId: given('EntityID'),
      salt: bytes('Salt'),
      cost: COST,
      caCertificate: new X509Certificate(CA_PEM).raw,
      clientNonce: bytes('ClientNonce'),
      serverChallenge: bytes('ServerChallenge'),
      oneTimePublicKey: bytes('OneTimePublicKey'),
    },
    { channel: 'tls', exporter: bytes('Exporter'), clientKeySha256 },
  );
  const signature = createHmac('sha256', storedKey).update(message).digest();
  const proof = clientProof(clientKey, storedKey, message);
  const computed = {
    CAKeySHA256: caKeySha256(CA_PEM),
    ClientKeySHA256: hex(clientKeySha256),
    SaltedPassword: hex(salted),
    ClientKey: hex(clientKey),
    StoredKey: hex(storedKey),
    ServerKey: hex(serverKey),
    AuthMessage: hex(message),
    ClientSignature: hex(signature),
    ClientProof: hex(proof),
    ServerSignature: hex(serverSignature(serverKey, message)),
  };
  for (const [name, value] of Object.entries(computed)) assert.equal(value, given(name), name);
  assert.ok(provesClient(bytes('StoredKey'), bytes('AuthMessage'), bytes('ClientProof')));
});

test("a page's proof follows from what the document gives", async () => {
  const first = {
    salt: bytes('Salt'),
    ...COST,
    rootCaCertificate: Buffer.from(CA_PEM),
    serverChallenge: bytes('ServerChallenge'),
    oneTimePublicKey: bytes('OneTimePublicKey'),
  };
  const question = {
    role: given('WebRole') as ProofRole,
    entityId: given('EntityID'),
    clientNonce: bytes('ClientNonce'),
  };
  const prepared = await PreparedProof.make(question, Buffer.from(given('Passphrase')), first);
  const proof = prepared.answer({ channel: 'web', origin: given('WebOrigin') });
  assert.equal(hex(proof.clientProof), given('WebClientProof'));
  assert.ok(proof.accepts(bytes('WebServerSignature')));
});

test('the sealed credentials follow from what the document gives, and open to them', () => {
  const request = {
    clientKeySha256: bytes('ClientKeySHA256'),
    operation: given('Operation'),
    input: JSON.parse(given('Input')),
  };
  const credentials: PlainCredential[] = JSON.parse(given('Credentials'));
  assert.equal(canonicalJson(request.input), given('CanonicalInput'));
  const associated = sealedFor(request);
  const [sealing, oneTime] = [
    x25519PublicKey(bytes('SealingPrivateKey')),
    x25519PublicKey(bytes('BoxPrivateKey')),
  ];
  const box = sealBox(sealing, associated, credentialsText(credentials), bytes('BoxPrivateKey'));
  assert.equal(hex(sealing), given('SealingPublicKey'));
  assert.equal(hex(oneTime), given('BoxPublicKey'));
  assert.equal(hex(associated), given('AssociatedData'));
  assert.equal(hex(box), given('SealedCredentials'));
  const opened = openCredentials(bytes('SealingPrivateKey'), request, bytes('SealedCredentials'));
  assert.deepEqual(JSON.parse(opened?.toString('utf8') ?? ''), credentials);
  for (const text of ['OpenKMA sealed credentials 1', 'OpenKMA sealed box 1'])
    assert.ok(DOCUMENT.includes(`"${text}"`), text);
});

test('the example exchange is messages as the code reads them, with the values of the vectors', () => {
  const [begin = '', answer = '', enrol = ''] = [...DOCUMENT.matchAll(/```xml\n([\s\S]*?)\n```/g)].map(
    (match) => match[1] ?? '',
  );
  const entityId = given('EntityID');
  const clientNonce = bytes('ClientNonce');
  assert.deepEqual(decodeRequest('ca', Buffer.from(begin)), {
    kind: 'request',
    name: 'BeginProof',
    fields: { role: given('Role'), entityId, clientNonce },
  });
  const first = decodeResponse('ca', 'BeginProof', Buffer.from(answer));
  assert.ok(!isFault(first));
  const { salt, serverChallenge, oneTimePublicKey, rootCaCertificate, ...cost } = first;
  assert.deepEqual(cost, COST);
  assert.deepEqual([salt, serverChallenge, oneTimePublicKey].map(hex), [
    given('Salt'),
    given('ServerChallenge'),
    given('OneTimePublicKey'),
  ]);
  assert.equal(Buffer.from(rootCaCertificate).toString(), CA_PEM);
  assert.deepEqual(decodeRequest('certificate', Buffer.from(enrol)), {
    kind: 'request',
    name: 'EnrolAgent',
    fields: {
      entityId,
      clientNonce,
      clientProof: bytes('ClientProof'),
      clientPublicKey: bytes('ClientPublicKey'),
    },
  });
});

test('bounds, namespace, label and every element are named as the code has them', () => {
  for (const [name, least, most] of [
    ['MemoryKiB', PROOF_COST_FLOOR.memoryKib, PROOF_COST_CEILING.memoryKib],
    ['Passes', PROOF_COST_FLOOR.passes, PROOF_COST_CEILING.passes],
    ['Lanes', PROOF_COST_FLOOR.lanes, PROOF_COST_CEILING.lanes],
  ])
    assert.ok(DOCUMENT.includes(`| ${name} | ${least} | ${most} |`), String(name));
  assert.ok(DOCUMENT.includes(`\`${EXPORTER_LABEL}\``));
  const own = Object.entries(OPERATIONS).filter(([, { namespace }]) =>
    namespace.uri.includes('openkma:proof'),
  );
  assert.equal(own.length, 4);
  for (const [name, { namespace, request, response }] of own) {
    assert.ok(DOCUMENT.includes(`\`${namespace.uri}\``));
    assert.ok(DOCUMENT.includes(`\`${name}\``), name);
    for (const { field } of [...request.shape.elements, ...response.shape.elements])
      assert.ok(DOCUMENT.includes(`\`${field.name}\``), `${name}.${field.name}`);
  }
});
