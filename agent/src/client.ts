/** The agent for programs: data units, keys, key groups and audit messages of a cluster; it never writes a key to disk. */
import {
  AUDIT_MESSAGE_CHARACTERS,
  type AuditLogCondition,
  type AuditLogRetention,
  type ClusterMember,
  type DataUnit,
  KEY_GROUPS_LISTED,
  KEYS_PER_PAGE,
  type KeyGroup,
  type OperationOf,
  type Requests,
  type Responses,
  SoapFault,
} from '@openkma/protocol';
import { AffinityCache } from './affinity.ts';
import type { Kma } from './balancing.ts';
import { requireDataUnitId, requireExternalUniqueId, requireKeyId, requireShortText } from './check-input.ts';
import { Discovery } from './discovery.ts';
import { AgentError, KmsUnavailableError } from './errors.ts';
import { type Attempts, withFailover } from './failover.ts';
import { existsAlready } from './faults.ts';
import { callForKeys, type KeyAnswer, type KeyCall, type RetrievedKey } from './key-calls.ts';
import { KeyWrappingKeys } from './kwk.ts';
import { loadProfile, type Profile, type Settings } from './profile.ts';
import type { DoneByTwo, MaySend } from './running-attempts.ts';
import { type Endpoint, Transport } from './transport.ts';

export interface ClientOptions {
  /** Instead of the profile's settings. */
  readonly settings?: Partial<Settings>;
  /** Keep connections open between calls. */
  readonly keepAlive?: boolean;
  /** For tests and simulations: a number in [0, 1) and a clock in milliseconds that never runs backwards. */
  readonly random?: () => number;
  readonly now?: () => number;
}

/** What can be told about a data unit when it is created or looked up. All of it is optional. */
export interface DataUnitDescription {
  /** Up to 32 bytes as hex, unique in the whole cluster. */
  readonly externalUniqueId?: string;
  /** Up to 64 bytes, such as a volume serial. */
  readonly externalTag?: string;
  /** Up to 64 bytes. */
  readonly description?: string;
}

export interface KeyOptions {
  /** The data unit to associate the key with. */
  readonly dataUnitId?: string;
  /** The key group for a new key; the agent's default group without it. */
  readonly keyGroupId?: string;
}

export interface AuditOptions {
  readonly retention?: 'long' | 'medium' | 'short';
  readonly condition?: 'success' | 'warning' | 'error';
  /** Also tell the administrators at once. */
  readonly issueAlert?: boolean;
}

export interface Cluster {
  /** The site of this agent; "" for none. */
  readonly siteId: string;
  /** The address that discovery begins with. */
  readonly startAddress: string;
  readonly members: readonly ClusterMember[];
}

/** A cluster as it was told some time ago: how its members are now nobody knows. */
export interface LastKnownCluster extends Omit<Cluster, 'members'> {
  readonly members: readonly Omit<ClusterMember, 'load' | 'responding' | 'locked'>[];
}

const ABOUT_UNIT = ['externalUniqueId', 'externalTag', 'description'] as const;
const RETENTIONS: Record<NonNullable<AuditOptions['retention']>, AuditLogRetention> = {
  long: 'AUDIT-LOG-LONG-TERM-RETENTION',
  medium: 'AUDIT-LOG-MEDIUM-TERM-RETENTION',
  short: 'AUDIT-LOG-SHORT-TERM-RETENTION',
};
const CONDITIONS: Record<NonNullable<AuditOptions['condition']>, AuditLogCondition> = {
  success: 'AUDIT-LOG-SUCCESS-CONDITION',
  warning: 'AUDIT-LOG-WARNING-CONDITION',
  error: 'AUDIT-LOG-ERROR-CONDITION',
};

/**
 * What is not named here leaves something over that nobody has, where two KMAs do it: a key, or an empty data unit, of which
 * the KMAs make one with the other where both have the same external ID. An agent that goes on after a time-out, as all do
 * (protocol 10), leaves the same. But a record twice says that something happened twice; and a KMA that wakes up later would
 * take keys from a data unit that have come since.
 */
const DONE_BY_TWO: { readonly [Name in OperationOf<'agent'>]?: DoneByTwo } = {
  ListKeyGroups: 'same',
  RetrieveDataUnit: 'same',
  RetrieveKey: 'same',
  RetrieveDataUnitKeys: 'same',
  RevokeKey: 'same',
  CreateAuditLog: 'twice',
  DisassociateDataUnitKeys: 'twice',
};

/**
 * Every method may throw a SoapFault (the KMA refused), a KmsUnavailableError (all attempts failed) or another
 * AgentError; `kindOf` of an error says which reaction fits.
 */
export class KmaClient {
  readonly #profile: Profile;
  readonly #transport: Transport;
  readonly #discovery: Discovery;
  readonly #kwks: KeyWrappingKeys;
  readonly #affinity = new AffinityCache();
  readonly #attempts: Attempts;

  constructor(profile: Profile, options: ClientOptions = {}) {
    const settings = { ...profile.settings, ...options.settings };
    this.#profile = { ...profile, settings };
    const { timeoutMs, minimumTls, failoverLimit } = settings;
    const { keepAlive = false, random = Math.random, now = () => performance.now() } = options;
    this.#transport = new Transport({ ...profile, timeoutMs, minimumTls, keepAlive });
    this.#discovery = new Discovery(
      this.#profile,
      (address) => this.#transport.call({ address, port: profile.ports.discovery }, 'DiscoverCluster', {}),
      now,
    );
    this.#kwks = new KeyWrappingKeys(this.#transport);
    this.#attempts = {
      discovery: this.#discovery,
      affinity: this.#affinity,
      failoverLimit,
      timeoutMs,
      random,
      now,
    };
  }

  /** The agent that is enrolled in this directory (see `enroll`). */
  static async open(directory: string, options: ClientOptions = {}): Promise<KmaClient> {
    return new KmaClient(await loadProfile(directory), options);
  }

  get agentId(): string {
    return this.#profile.agentId;
  }

  /** Ends connections that are kept open. */
  close(): void {
    this.#transport.close();
  }
  [Symbol.dispose](): void {
    this.close();
  }

  /** Asks the cluster for its members now, whatever was known; fails where no KMA answers. */
  async discover(): Promise<Cluster> {
    await this.#discovery.refresh();
    const { unanswered } = this.#discovery;
    if (unanswered.length > 0) throw new KmsUnavailableError(unanswered.length, unanswered);
    const { siteId, startAddress, members } = this.#discovery;
    return { siteId, startAddress, members };
  }

  /** What was told last, be it before this process began; asks nobody. Null where nothing was. */
  async lastKnownCluster(): Promise<LastKnownCluster | null> {
    const known = await this.#discovery.lastKnown();
    if (known === null) return null;
    const { siteId, startAddress } = known;
    const members = known.members.map(
      ({ load: _load, responding: _responding, locked: _locked, ...member }) => member,
    );
    return { siteId, startAddress, members };
  }

  /** The key groups this agent may use, at most 100, as one page. */
  async listKeyGroups(): Promise<readonly KeyGroup[]> {
    const queryParameters = {
      nextPageSize: KEY_GROUPS_LISTED,
      sortFieldName: '',
      sortOrder: 'SORT-ORDER-ASCENDING',
      filterParameters: [],
      previousPageLastIdValue: '',
      previousPageLastSortFieldValue: '',
    } as const;
    return (await this.#call('ListKeyGroups', { queryParameters })).keyGroups;
  }

  /**
   * A new data unit; refused (1015, a conflict) when its external unique ID exists, unless an attempt that was not answered may
   * have created the very same one.
   */
  async createDataUnit(unit: DataUnitDescription = {}): Promise<DataUnit> {
    const fields = descriptionOf(unit);
    let unanswered = 0;
    try {
      const noted = (change: number) => {
        unanswered += change;
      };
      return (await this.#call('CreateDataUnit', fields, [], noted)).dataUnit;
    } catch (error) {
      if (unanswered === 0 || !existsAlready(error)) throw error;
      const { dataUnit } = await this.#call('RetrieveDataUnitByExternalUniqueID', fields);
      if (ABOUT_UNIT.some((field) => dataUnit[field] !== fields[field])) throw error;
      return dataUnit;
    }
  }

  /** By its ID. What is told along is filled in where the data unit has nothing yet. */
  async retrieveDataUnit(dataUnitId: string, unit: DataUnitDescription = {}): Promise<DataUnit> {
    const id = requireDataUnitId(dataUnitId);
    return (await this.#call('RetrieveDataUnit', { dataUnitId: id, ...descriptionOf(unit) }, [id])).dataUnit;
  }

  /** By its external unique ID. The KMA creates the data unit when there is none. */
  async retrieveDataUnitByExternalUniqueId(
    externalUniqueId: string,
    unit: Omit<DataUnitDescription, 'externalUniqueId'> = {},
  ): Promise<DataUnit> {
    if (externalUniqueId === '') throw new AgentError('usage', 'an external unique ID has at least one byte');
    const fields = descriptionOf({ ...unit, externalUniqueId });
    return (await this.#call('RetrieveDataUnitByExternalUniqueID', fields)).dataUnit;
  }

  /** Says that the medium is overwritten: its keys, but for the one still in use, no longer belong to it. */
  async disassociateDataUnitKeys(dataUnitId: string): Promise<void> {
    const id = requireDataUnitId(dataUnitId);
    await this.#call('DisassociateDataUnitKeys', { dataUnit: unitOf(id) }, [id]);
  }

  /** A new key, ready to encrypt with. */
  async createKey(options: KeyOptions = {}): Promise<RetrievedKey> {
    const { response, open } = await this.#keyCall('CreateKey', keyFields(options), idsOf(options));
    return open(response.key);
  }

  /** The key with this ID. Options report its use: a missing association or group is recorded. */
  async retrieveKey(keyId: string, options: KeyOptions = {}): Promise<RetrievedKey> {
    const id = requireKeyId(keyId);
    const fields = { keyId: id, ...keyFields(options) };
    const { response, open } = await this.#keyCall('RetrieveKey', fields, [id, ...idsOf(options)]);
    return open(response.key);
  }

  /**
   * Says that nobody is to encrypt with this key any more; it still decrypts. Refused (1000) unless the key policy allows it. Only an
   * OpenKMA knows this call.
   */
  async revokeKey(keyId: string): Promise<void> {
    const id = requireKeyId(keyId);
    await this.#call('RevokeKey', { keyId: id }, [id]);
  }

  /** The key to encrypt a data unit with: its newest, or a new one when none may be used. */
  async retrieveProtectAndProcessKey(
    dataUnitId: string,
    options: Omit<KeyOptions, 'dataUnitId'> = {},
  ): Promise<RetrievedKey> {
    const all = { ...options, dataUnitId };
    const { response, open } = await this.#keyCall(
      'RetrieveProtectAndProcessKey',
      keyFields(all),
      idsOf(all),
    );
    return open(response.key);
  }

  /** All keys of a data unit, page by page: first the one to encrypt with, then the others by creation. */
  async *retrieveDataUnitKeys(
    dataUnitId: string,
    pageSize = KEYS_PER_PAGE,
  ): AsyncGenerator<RetrievedKey, void> {
    const id = requireDataUnitId(dataUnitId);
    if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > KEYS_PER_PAGE)
      throw new AgentError('usage', `a page has 1 to ${KEYS_PER_PAGE} keys`);
    for (let pageOffset = 0, remaining = 1; remaining > 0; ) {
      const fields = { dataUnit: unitOf(id), pageSize, pageOffset };
      const { response, open } = await this.#keyCall('RetrieveDataUnitKeys', fields, [id]);
      if (response.keys.length > pageSize || (response.keys.length === 0 && response.keysRemaining > 0))
        throw new AgentError('failure', 'the KMA sent a page of keys that cannot be right');
      for (const key of response.keys) yield open(key);
      pageOffset += response.keys.length;
      remaining = response.keysRemaining;
    }
  }

  /** Writes a message into the KMS's audit log. */
  async createAuditLog(message: string, options: AuditOptions = {}): Promise<void> {
    if (message.length === 0 || message.length > AUDIT_MESSAGE_CHARACTERS)
      throw new AgentError('usage', `an audit message has 1 to ${AUDIT_MESSAGE_CHARACTERS} characters`);
    const { retention = 'long', condition = 'success', issueAlert = false } = options;
    const fields = {
      retention: RETENTIONS[retention],
      condition: CONDITIONS[condition],
      issueAlert,
      message,
    };
    await this.#call('CreateAuditLog', fields);
  }

  async #call<Name extends OperationOf<'agent'>>(
    name: Name,
    fields: Requests[Name],
    ids: readonly string[] = [],
    /** By how many there are more or fewer KMAs that have the call and have not refused it. */
    noted: (change: number) => void = () => undefined,
  ): Promise<Responses[Name]> {
    const attempt = async (kma: Kma, maySend: MaySend) => {
      const sent = () => {
        if (!maySend()) return false;
        noted(1);
        return true;
      };
      try {
        return await this.#transport.call(this.#endpoint(kma), name, fields, sent);
      } catch (error) {
        if (error instanceof SoapFault) noted(-1);
        throw error;
      }
    };
    const doneByTwo = DONE_BY_TWO[name] ?? 'spare';
    const { result, kma } = await withFailover(this.#attempts, { ids, doneByTwo, attempt });
    if ('dataUnit' in result) this.#affinity.remember(result.dataUnit.dataUnitId, kma.id);
    return result;
  }

  async #keyCall<Name extends KeyCall>(
    name: Name,
    fields: Requests[Name],
    ids: readonly string[],
  ): Promise<KeyAnswer<Name>> {
    const caller = { transport: this.#transport, kwks: this.#kwks };
    const { result, kma } = await withFailover(this.#attempts, {
      ids,
      doneByTwo: DONE_BY_TWO[name] ?? 'spare',
      attempt: (kma, maySend) => callForKeys(caller, kma, this.#endpoint(kma), name, fields, maySend),
    });
    if ('key' in result.response) this.#affinity.remember(result.response.key.keyId, kma.id);
    return result;
  }

  #endpoint(kma: Kma): Endpoint {
    return { address: kma.address, port: this.#profile.ports.agent };
  }
}

function descriptionOf({ externalUniqueId = '', externalTag = '', description = '' }: DataUnitDescription) {
  return {
    externalUniqueId: requireExternalUniqueId(externalUniqueId),
    externalTag: requireShortText(externalTag, 'an external tag'),
    description: requireShortText(description, 'a description'),
  };
}

/** Key calls carry a whole data unit, of which only the ID counts (protocol 8). */
function unitOf(dataUnitId: string): DataUnit {
  return {
    dataUnitId,
    externalUniqueId: '',
    externalTag: '',
    description: '',
    state: 'DATA-UNIT-STATE-NO-KEY',
  };
}

function keyFields({ dataUnitId, keyGroupId = '' }: KeyOptions) {
  return {
    dataUnit: unitOf(dataUnitId === undefined ? '' : requireDataUnitId(dataUnitId)),
    keyGroupId: requireShortText(keyGroupId, 'a key group ID'),
  };
}

function idsOf({ dataUnitId }: KeyOptions): string[] {
  return dataUnitId === undefined ? [] : [requireDataUnitId(dataUnitId)];
}
