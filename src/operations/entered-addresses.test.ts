/** Addresses that a KMA was given, against its entry in the cluster. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOtherAddress, otherThanEntered, servedElsewhere } from './entered-addresses.ts';

const GIVEN = { managementAddress: '192.0.2.28', serviceAddress: '198.51.100.28' };

test('another address than that of the entry is told with both of them and the two ways out', () => {
  assert.equal(
    otherThanEntered('kma-2', GIVEN, { managementAddress: '192.0.2.27', serviceAddress: '198.51.100.28' }),
    'kma-2 was given the management address 192.0.2.28, where its entry has 192.0.2.27: answer as the entry has it, or change that at a member ("kma member modify kma-2 --management-address 192.0.2.28")',
  );
  assert.match(
    otherThanEntered('kma-2', GIVEN, { managementAddress: '192.0.2.27', serviceAddress: '198.51.100.27' }) ??
      '',
    /192\.0\.2\.27, and the service address 198\.51\.100\.28, where its entry has 198\.51\.100\.27: .*--management-address 192\.0\.2\.28 --service-address 198\.51\.100\.28"/,
  );
});

test('an entry without an address, or with a name, speaks against none', () => {
  for (const address of ['', null, 'kma-2.example'])
    assert.equal(
      otherThanEntered('kma-2', GIVEN, { managementAddress: address, serviceAddress: address }),
      null,
      String(address),
    );
});

test('an address is the same however it is written', () => {
  assert.ok(!isOtherAddress('2001:db8::1', '2001:0DB8:0:0::0001'));
  assert.ok(isOtherAddress('2001:db8::1', '2001:db8::2'));
  assert.ok(isOtherAddress('192.0.2.1', '2001:db8::1'));
  assert.ok(!isOtherAddress('192.0.2.1', '192.0.2.1'));
});

const ENTRY = { ...GIVEN, serviceAddressIPv6: '2001:db8::28' };
const told = (change: object) => servedElsewhere('kma-2', { ...GIVEN, ...change }, ENTRY);

test('a KMA that is served elsewhere than entered says where, and what to do', () => {
  assert.equal(
    told({ managementAddress: '127.0.0.1' }),
    'served at 127.0.0.1 on the management network, where it is entered as 192.0.2.28, so that others look for it elsewhere: serve it where it is entered ("kma serve --management-address 192.0.2.28 --service-address 198.51.100.28"), or change the entry ("kma member modify kma-2 --management-address 127.0.0.1")',
  );
  assert.match(
    told({ managementAddress: '127.0.0.1', serviceAddress: '127.0.0.2' }) ?? '',
    /entered as 192\.0\.2\.28, and at 127\.0\.0\.2 on the service network, .*modify kma-2 --management-address 127\.0\.0\.1 --service-address 127\.0\.0\.2"/,
  );
});

test('nothing is said where it is served at its entry, at every address, at its IPv6 address, or has no entry', () => {
  for (const change of [
    {},
    { managementAddress: '0.0.0.0', serviceAddress: '::' },
    { serviceAddress: '2001:db8::28' },
  ])
    assert.equal(told(change), null);
  assert.equal(servedElsewhere('kma-2', GIVEN, undefined), null);
});
