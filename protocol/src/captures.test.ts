/** Requests as real agents sent them, byte by byte: each decodes to the expected fields and is written again the same. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  type DataUnit,
  type DataUnitState,
  decodeRequest,
  encodeRequest,
  isOperationName,
  type OperationName,
  type Requests,
  type Service,
} from './index.ts';

const DIRECTORY = new URL('../vectors/captures/', import.meta.url);
const NO_KEY = 'DATA-UNIT-STATE-NO-KEY';
const NO_UNIT = unit('', '', '', '');
const TAPE = unit(
  '320EA192AF06EC9C446A638F84E9B362',
  '5441504530303031',
  'VOL001',
  'Beschreibung ä & <more>',
);
const DISK = unit('9C0AEEF7A9746A2EE07E34DB49DBF3BF', '22', '', '');
const KWK_ID = '6C722876A9E92ABD';

function unit(
  dataUnitId: string,
  externalUniqueId: string,
  externalTag: string,
  description: string,
  state: DataUnitState = NO_KEY,
): DataUnit {
  return { dataUnitId, externalUniqueId, externalTag, description, state };
}

const ENCRYPTED_KWK =
  '222AA9237F0062C6149D59C9A93435E4A2C1C6FC676B4BCE68AB6045606A30304C9A5B3DF15C7EBB707C952ACAAAD09B8C6EF1916F143441' +
  'C80BC39A9DE16B1F0D6266FE7872C17EED4F84E5E2329E0DD0863825E77C075E96BBBF34ECD2DC462251D15EB77EAD028CE4BC288BE7FABF' +
  'CA48DADCA8CF2AAACE032CDE2258BFAF5B20D44E12721FC49D341931B2009C02F8EA2D8F8F54DC9B9B6A21CF6E0A2B2AA8F8A831BFC28421' +
  '63665E41C5B8E6D8814C02CA0A65C556CD9EB1078650495FEB5BE4BC6DCBEA2DC636ABAFBF0F1F5FC3FB51B3F0997E7376F7A288B25D5575' +
  '3683F187CB8579FAA8DB9132E3C1C016BA058E4C14D6C203AD5B600DE300D3EC';

const EXPECTED: Readonly<Record<string, Requests[OperationName]>> = {
  'agent-CreateAuditLog-1': {
    retention: 'AUDIT-LOG-LONG-TERM-RETENTION',
    condition: 'AUDIT-LOG-SUCCESS-CONDITION',
    issueAlert: false,
    message: 'drive cleaned',
  },
  'agent-CreateDataUnit-1': {
    externalUniqueId: '5441504530303031',
    externalTag: 'VOL001',
    description: 'Beschreibung ä & <more>',
  },
  'agent-CreateDataUnit-2': { externalUniqueId: '5441504530303031', externalTag: '', description: '' },
  'agent-CreateKey-1': { dataUnit: DISK, keyGroupId: '' },
  'agent-CreateKey2-1': { dataUnit: TAPE, keyGroupId: '', agentKwkId: KWK_ID },
  'agent-CreateKey2-2': { dataUnit: TAPE, keyGroupId: 'Gruppe-Ä', agentKwkId: KWK_ID },
  'agent-CreateKey2-3': { dataUnit: NO_UNIT, keyGroupId: '', agentKwkId: KWK_ID },
  'agent-CreateKey2-4': { dataUnit: NO_UNIT, keyGroupId: 'fault:1000', agentKwkId: KWK_ID },
  'agent-DisassociateDataUnitKeys-1': { dataUnit: unit('548EA4FEAF7E54CA91E291D80788E945', '4131', '', '') },
  'agent-DisassociateDataUnitKeys-2': {
    dataUnit: unit(
      '1932F0CC5C4E73020C67B021977E502D',
      '5E50F405ACE6CBDF17379F4B9F2B0C9F4144C5E380EA0B9298CB02EBD8FFE511',
      'mykey',
      'PKCS#11v2.20: 041f20001080072d7000',
      'DATA-UNIT-STATE-READABLE-NORMAL',
    ),
  },
  'agent-GetAgentKWKPublicKey-1': {},
  'agent-ListKeyGroups-1': {
    queryParameters: {
      nextPageSize: 100,
      sortFieldName: '',
      sortOrder: 'SORT-ORDER-ASCENDING',
      filterParameters: [],
      previousPageLastIdValue: '',
      previousPageLastSortFieldValue: '',
    },
  },
  'agent-RegisterAgentKWK-1': { agentKwk: Buffer.from(ENCRYPTED_KWK, 'hex') },
  'agent-RetrieveDataUnit-1': {
    dataUnitId: '320EA192AF06EC9C446A638F84E9B362',
    externalUniqueId: '',
    externalTag: '',
    description: '',
  },
  'agent-RetrieveDataUnitByExternalUniqueID-1': {
    externalUniqueId: '4131',
    externalTag: '',
    description: '',
  },
  'agent-RetrieveDataUnitByExternalUniqueID-2': {
    externalUniqueId: '5E50F405ACE6CBDF17379F4B9F2B0C9F4144C5E380EA0B9298CB02EBD8FFE511',
    externalTag: 'mykey',
    description: 'Oracle PKCS11/KMS',
  },
  'agent-RetrieveDataUnitKeys-1': { dataUnit: DISK, pageSize: 32, pageOffset: 0 },
  'agent-RetrieveDataUnitKeys2-1': { dataUnit: TAPE, pageSize: 32, pageOffset: 0, agentKwkId: KWK_ID },
  'agent-RetrieveKey-1': {
    keyId: '0000B904F60E9D86B826330D4A43468EDECA65CAF89B7ABD0A166E207ACB',
    dataUnit: NO_UNIT,
    keyGroupId: '',
  },
  'agent-RetrieveKey2-1': {
    keyId: '0000225854051D769BA07A004215FA8FD8D32A3B223CA8D7DB6529146F79',
    dataUnit: TAPE,
    keyGroupId: '',
    agentKwkId: KWK_ID,
  },
  'agent-RetrieveKey2-2': {
    keyId: '0000517A12A4BD9B28C32667A92C703C337F48CA51D0D11CBCA898731F39',
    dataUnit: NO_UNIT,
    keyGroupId: '',
    agentKwkId: KWK_ID,
  },
  'agent-RetrieveProtectAndProcessKey-1': { dataUnit: DISK, keyGroupId: '' },
  'agent-RetrieveProtectAndProcessKey2-1': { dataUnit: TAPE, keyGroupId: '', agentKwkId: KWK_ID },
  'ca-RetrieveRootCACertificate-1': { entityId: 'agent1' },
  'certificate-RetrieveEntityCertificate-1': {
    entityId: 'agent1',
    clientAuthenticationResponse: Buffer.from('7EDDE1784D19B27294CF99F5DF30D66AF7B10E2B', 'hex'),
    serverAuthenticationChallenge: Buffer.from('BABD5A16708BD3C8AC37950D81EC1574C9CE9E77', 'hex'),
  },
  'discovery-DiscoverCluster-1': {},
};

function bodyOf(name: string): Buffer {
  const bytes = readFileSync(new URL(`${name}.http`, DIRECTORY));
  return bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
}

const names = readdirSync(DIRECTORY).flatMap((file) => (file.endsWith('.http') ? [file.slice(0, -5)] : []));

test('every recorded request has its expectation, and the other way round', () => {
  assert.deepEqual(names.sort(), Object.keys(EXPECTED).sort());
});

for (const name of names) {
  const [service, operation = ''] = name.split('-') as [Service, string];

  test(`${name} decodes to its fields`, () => {
    const decoded = decodeRequest(service, bodyOf(name));
    assert.deepEqual(decoded, { kind: 'request', name: operation, fields: EXPECTED[name] });
  });

  test(`${name} is written as the agent wrote it, but for elements behind the operation`, () => {
    const fields = EXPECTED[name];
    assert.ok(isOperationName(operation) && fields !== undefined);
    const written = encodeRequest(service, operation, fields);
    assert.equal(
      written,
      bodyOf(name)
        .toString()
        .replace(/<id id="_\d" xsi:type="xsd:string"><\/id>/, ''),
    );
    assert.deepEqual(decodeRequest(service, Buffer.from(written)), decodeRequest(service, bodyOf(name)));
  });

  test(`${name} is an unknown operation at every other service`, () => {
    for (const other of ['ca', 'certificate', 'discovery', 'agent'] as const)
      if (other !== service) assert.equal(decodeRequest(other, bodyOf(name)).kind, 'unknown-operation');
  });
}
