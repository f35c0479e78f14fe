/** What was deleted on one side and changed on the other is made again as it was, by a command that there is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event, removed, set } from '../../core/facts.ts';
import type { KeyPolicyId, KmaId, SiteId, UserId } from '../../core/ids.ts';
import { AGENT, assertCommandIsOne, GROUP, shownOf, type TakingCase } from './conflicts.fixture.ts';

const USER = 'F'.repeat(32) as UserId;
const POLICY = '7'.repeat(32) as KeyPolicyId;
const OTHER_KMA = '8'.repeat(32) as KmaId;

const CASES: readonly TakingCase[] = [
  [
    'a deleted agent as it was',
    [
      set('agent', AGENT, { oneTimePassphrase: 0, modernOnly: 1, siteId: 'S' as SiteId, description: 'old' }),
      removed('agent', AGENT),
    ],
    { kind: 'removed', inColumn: '', lostValueJson: '{"description":"new"}' },
    "okm agent create 'drive one' --description new --site rome --no-one-time-passphrase --modern-only",
    'description=new',
  ],
  [
    'a deleted agent whose site is deleted too',
    [
      set('agent', AGENT, { siteId: 'S' as SiteId }),
      removed('agent', AGENT),
      removed('site', 'S'),
      created('site', 'S2', { name: 'rome', createdAt: 1 }),
    ],
    { kind: 'removed', inColumn: '', lostValueJson: '{"enabled":1}' },
    "okm agent create 'drive one'",
    'enabled=yes',
  ],
  [
    'a deleted policy',
    [
      created('key_policy', POLICY, {
        name: 'years',
        createdAt: 1,
        encryptionPeriodSeconds: 86_400,
        cryptoperiodSeconds: 90_000,
      }),
      set('key_policy', POLICY, { allowImportTo: 1, allowExportFrom: 0 }),
      removed('key_policy', POLICY),
    ],
    { kind: 'removed', inTable: 'key_policy', rowId: POLICY, inColumn: '', lostValueJson: '[]' },
    'okm policy create years --encryption-period 1d --cryptoperiod 25h --allow-import-to',
    '',
  ],
  [
    'a deleted group',
    [
      created('key_policy', POLICY, {
        name: 'years',
        createdAt: 1,
        encryptionPeriodSeconds: 1,
        cryptoperiodSeconds: 1,
      }),
      set('key_group', GROUP, { keyPolicyId: POLICY }),
      removed('key_group', GROUP),
    ],
    {
      kind: 'removed',
      inTable: 'key_group',
      rowId: GROUP,
      inColumn: '',
      lostValueJson: '{"description":""}',
    },
    'okm group create tapes --policy years',
    'description=',
  ],
  [
    'a deleted user, with the roles of before',
    [
      created('user', USER, { name: 'olga', createdAt: 1 }),
      created('user_role', `${USER}:OPERATOR`, { userId: USER, role: 'OPERATOR' }),
      set('user_role', `${USER}:OPERATOR`, { present: 1 }),
      removed('user', USER),
    ],
    { kind: 'removed', inTable: 'user', rowId: USER, inColumn: '', lostValueJson: '{"enabled":0}' },
    'okm user create olga --roles OPERATOR',
    'enabled=no',
  ],
  [
    'a deleted KMA',
    [
      created('kma', OTHER_KMA, { name: 'kma-9', createdAt: 1, number: 9 }),
      set('kma', OTHER_KMA, { serviceAddress: '192.0.2.9', managementAddress: '192.0.2.10' }),
      event('kma', OTHER_KMA, 'removed', { removedHow: 'lost' }),
    ],
    { kind: 'removed', inTable: 'kma', rowId: OTHER_KMA, inColumn: '', lostValueJson: '{"siteId":"S"}' },
    'okm member create kma-9 --site rome --service-address 192.0.2.9 --management-address 192.0.2.10',
    'site=rome',
  ],
  [
    'a deleted SNMP manager',
    [
      created('snmp_manager', 'M', { name: 'noc', createdAt: 1 }),
      set('snmp_manager', 'M', { address: '192.0.2.7', port: 1162, enabled: 0, protocol: 'v3' }),
      removed('snmp_manager', 'M'),
    ],
    { kind: 'removed', inTable: 'snmp_manager', rowId: 'M', inColumn: '', lostValueJson: '{"userName":"x"}' },
    'okm snmp-manager create noc --address 192.0.2.7 --port 1162 --no-enabled --protocol v3 --user-name x',
    'SNMP user=x',
  ],
];

for (const [name, facts, about, command, other] of CASES)
  test(`${name} is made again`, async () => {
    const shown = await shownOf(facts, about);
    assert.deepEqual([shown.takeOther, shown.other], [command, other]);
    assertCommandIsOne(shown);
  });
