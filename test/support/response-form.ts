/** The exact form of every response, written down from the protocol (sections 3 to 6) and not from the codec's own table. */
import assert from 'node:assert/strict';
import {
  OPERATIONS,
  type OperationName,
  parseXml,
  RESPONSE_LIMITS,
  type XmlElement,
} from '@openkma/protocol';

/** An element by its name; `of` are its children in order, `many` the one kind of child of an array. */
type Form =
  | string
  | { readonly name: string; readonly of: readonly Form[] }
  | { readonly name: string; readonly many: Form };

const DATA_UNIT: Form = {
  name: 'DataUnit',
  of: ['DataUnitID', 'ExternalUniqueID', 'ExternalTag', 'Description', 'DataUnitState'],
};
const KEY: Form = { name: 'Key', of: ['KeyID', 'KeyState', 'KeyType', 'KeyGroupID', 'Key'] };
const KEYS: readonly Form[] = ['KeysRemaining', { name: 'Keys', many: KEY }];
const QUERY: Form = {
  name: 'NextPageQueryParameters',
  of: [
    'NextPageSize',
    'SortFieldName',
    'SortOrder',
    { name: 'FilterParameters', many: 'FilterParameters' },
    'PreviousPageLastIDValue',
    'PreviousPageLastSortFieldValue',
  ],
};
const MEMBER: Form = {
  name: 'KMS-Discovery-ClusterMember',
  of: ['KMAID', 'KMAName', 'KMASiteID', 'KMAHostName', 'KMANetworkAddress', 'Enabled', 'Load', 'Responding'],
};
const FORMS: Readonly<Record<OperationName, readonly Form[]>> = {
  RetrieveRootCACertificate: [
    'RootCACertificate',
    'AuthenticationHashIterationCount',
    'ClientAuthenticationChallenge',
  ],
  RetrieveLocalClock: ['CurrentTime'],
  RetrieveEntityCertificate: ['ServerAuthenticationResponse', 'Certificate', 'WrappedPrivateKeyMaterial'],
  BeginProof: [
    'Salt',
    'MemoryKiB',
    'Passes',
    'Lanes',
    'RootCACertificate',
    'ServerChallenge',
    'OneTimePublicKey',
  ],
  EnrolAgent: ['ServerSignature', 'Certificate'],
  EnrolKma: ['ServerSignature', 'Certificate'],
  LogInUser: ['ServerSignature', 'ExpiresAt'],
  DiscoverCluster: ['EntitySiteID', { name: 'ArrayOfClusterMembers', many: MEMBER }],
  ListKeyGroups: [
    { name: 'KeyGroups', many: { name: 'KeyGroup', of: ['KeyGroupID', 'Description'] } },
    'LastPage',
    QUERY,
  ],
  CreateDataUnit: [DATA_UNIT],
  RetrieveDataUnit: [DATA_UNIT],
  RetrieveDataUnitByExternalUniqueID: [DATA_UNIT],
  DisassociateDataUnitKeys: [],
  CreateKey: [KEY],
  CreateKey2: [KEY],
  RetrieveKey: [KEY],
  RetrieveKey2: [KEY],
  RetrieveDataUnitKeys: KEYS,
  RetrieveDataUnitKeys2: KEYS,
  RetrieveProtectAndProcessKey: [KEY],
  RetrieveProtectAndProcessKey2: [KEY],
  CreateAuditLog: [],
  GetAgentKWKPublicKey: ['KWKPublicKey'],
  RegisterAgentKWK: ['AgentKWKID'],
  RevokeKey: [],
};

/** Attributes of a cluster member; no other element has any. */
const MEMBER_ATTRIBUTES = ['KMAVersion', 'KMAHostNameIPv6', 'KMANetworkAddressIPv6', 'Locked'];
/** Hex digits of identifiers: at least, at most. */
const DIGITS: Readonly<Record<string, readonly [number, number]>> = {
  DataUnitID: [32, 32],
  ExternalUniqueID: [0, 64],
  KeyID: [60, 60],
  AgentKWKID: [16, 16],
};

/** Every element there, in order, none else, none nil; every identifier as long as agents can hold (protocol 2.2, 12, 13). */
export function assertSoundResponse(name: OperationName, xml: string): void {
  const envelope = parseXml(Buffer.from(xml), RESPONSE_LIMITS);
  const response = envelope.children.find((child) => child.name === 'Body')?.children[0];
  assert.equal(response?.name, `${name}Response`);
  assert.equal(response?.namespace, OPERATIONS[name].namespace.uri);
  if (response !== undefined) checkChildren(response, FORMS[name], name);
}

function checkChildren(element: XmlElement, forms: readonly Form[], path: string): void {
  assert.deepEqual(
    element.children.map((child) => child.name),
    forms.map((form) => (typeof form === 'string' ? form : form.name)),
    path,
  );
  for (const [index, form] of forms.entries()) {
    const child = element.children[index];
    if (child !== undefined) check(child, form, `${path}.${child.name}`);
  }
}

function check(element: XmlElement, form: Form, path: string): void {
  assert.equal(element.namespace, '', `${path} is not qualified`);
  const allowed = element.name === 'KMS-Discovery-ClusterMember' ? MEMBER_ATTRIBUTES : [];
  for (const { local } of element.attributes) assert.ok(allowed.includes(local), `${path} has ${local}`);
  if (typeof form === 'string') return checkLeaf(element, path);
  if ('of' in form) return checkChildren(element, form.of, path);
  for (const child of element.children) {
    assert.equal(child.name, typeof form.many === 'string' ? form.many : form.many.name, path);
    check(child, form.many, `${path}.${child.name}`);
  }
}

function checkLeaf({ name, text, children }: XmlElement, path: string): void {
  assert.equal(children.length, 0, path);
  const [least, most] = DIGITS[name] ?? [0, Number.POSITIVE_INFINITY];
  if (name in DIGITS) assert.match(text, /^(?:[0-9A-F]{2})*$/, `${path} is hex in pairs`);
  assert.ok(text.length >= least && text.length <= most, `${path} has ${text.length} digits`);
}
