/** What a page of the web Manager computes by itself is what the protocol package computes: proofs from the document's vectors, and sealed credentials that open. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openCredentials, canonicalJson as protocolJson } from '@openkma/protocol';
import { fromHex, toHex } from '../manager/src/proof/bytes.ts';
import { prove, WeakCost } from '../manager/src/proof/scram.ts';
import { canonicalJson, seal } from '../manager/src/proof/sealed-credentials.ts';

const DOCUMENT = readFileSync(new URL('../docs/proof.md', import.meta.url), 'utf8');
const VECTORS = DOCUMENT.slice(DOCUMENT.indexOf('\n## 9. '));
const given = (name: string): string => {
  const found = new RegExp(`^${name} = (\\S+)$`, 'm').exec(VECTORS)?.[1];
  assert.ok(found !== undefined, `${name} is in the document`);
  return found;
};
const opening = {
  salt: given('Salt'),
  memoryKib: Number(given('MemoryKiB')),
  passes: Number(given('Passes')),
  lanes: Number(given('Lanes')),
  rootCaCertificate: /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(DOCUMENT)?.[0] ?? '',
  serverChallenge: given('ServerChallenge'),
  oneTimePublicKey: given('OneTimePublicKey'),
};
const nonce = fromHex(given('ClientNonce'));

test('the proof and the signature it takes are those of the vectors', async () => {
  const origin = given('WebOrigin');
  const proof = await prove(given('EntityID'), given('Passphrase'), nonce, opening, origin);
  assert.equal(toHex(proof.clientProof).toUpperCase(), given('WebClientProof'));
  assert.ok(proof.accepts(fromHex(given('WebServerSignature'))));
  assert.ok(!proof.accepts(fromHex(given('ServerSignature'))), 'that of the other channel');
  const elsewhere = await prove(
    given('EntityID'),
    given('Passphrase'),
    nonce,
    opening,
    'https://evil.example',
  );
  assert.notEqual(toHex(elsewhere.clientProof).toUpperCase(), given('WebClientProof'));
});

test('a cost out of bounds is refused before anything is computed', async () => {
  for (const odd of [{ memoryKib: 19_455 }, { memoryKib: 262_145 }, { passes: 1 }, { lanes: 5 }])
    await assert.rejects(prove('olga', 'Right-one-1', nonce, { ...opening, ...odd }, 'https://a'), WeakCost);
});

test('sealed credentials open with the private half, for that request of that session alone', async () => {
  const input = { user: 'olga', roles: ['OPERATOR'], nested: { b: 1, a: 'e\u0301' }, absent: undefined };
  const credentials = [{ name: 'Jo\u0308rg', passphrase: 'Grüß-Gott-77' }];
  const session = given('ClientKeySHA256');
  const wanted = { session, sealingKey: given('SealingPublicKey'), operation: 'ModifyUser', input };
  const box = Buffer.from(await seal(credentials, wanted), 'base64');
  const request = { clientKeySha256: fromHex(session), operation: 'ModifyUser', input };
  const open = (changed: object) =>
    openCredentials(fromHex(given('SealingPrivateKey')), { ...request, ...changed }, box);
  assert.deepEqual(JSON.parse(open({})?.toString('utf8') ?? ''), [
    { name: 'Jörg', passphrase: 'Grüß-Gott-77' },
  ]);
  for (const other of [
    { operation: 'DeleteUser' },
    { input: { user: 'olaf' } },
    { clientKeySha256: new Uint8Array(32) },
  ])
    assert.equal(open(other), null);
  assert.equal(canonicalJson(input), protocolJson(input));
});
