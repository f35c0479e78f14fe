/** Asks every KMA, one by one, for everything that was acknowledged, and then compares their states. It mends and forgives nothing. */
import { join } from 'node:path';
import { KmaClient, kindOf, loadProfile } from '@openkma/agent';
import { readIdentity } from '../../src/setup/local-identity.ts';
import { verifyAudit } from '../../src/store/audit-verification.ts';
import { DataDirectory } from '../../src/store/data-directory.ts';
import { openStore } from '../../src/store/store.ts';
import { COMPLIANCE, OFFICER, OPERATOR } from '../support/kma.ts';
import { auditedHandOuts } from '../support/stored-keys.ts';
import { hexOf } from './agent-work.ts';
import type { Cluster, Standing } from './cluster.ts';
import { type GivenKey, KINDS, type Kind, type Ledger } from './ledger.ts';
import type { Member } from './member.ts';

export interface Verdict {
  /** Things asked for, at all KMAs together. */
  readonly asked: number;
  /** What is wrong, one line each. */
  readonly missing: readonly string[];
  readonly standings: readonly Standing[];
  /** Of stores and audit chains. */
  readonly damage: readonly string[];
}

/** States are looked at while the KMAs run, since each writes at its end what it has served; stores and audit when they have stopped. */
export async function judge(cluster: Cluster, ledger: Ledger): Promise<Verdict> {
  await cluster.converged();
  const missing = [
    ...ledger.contradictions,
    ...ledger.givenTwice.map((keyId) => `key ${keyId} was given as new twice`),
  ];
  let asked = 0;
  for (const member of cluster.members) {
    const inquiry = new Inquiry(cluster, member, ledger);
    await inquiry.keys();
    await inquiry.dataUnits();
    await inquiry.names();
    asked += inquiry.asked;
    missing.push(...inquiry.missing.map((what) => `${member.plan.name}: ${what}`));
  }
  const standings = await cluster.converged();
  await cluster.stop();
  return {
    asked,
    missing: [...missing, ...notAudited(cluster, ledger)],
    standings,
    damage: damage(cluster),
  };
}

const LISTS: Record<Kind, readonly [operation: string, user: typeof OFFICER, column: string]> = {
  site: ['ListSites', OFFICER, 'site'],
  'key group': ['ListAllKeyGroups', COMPLIANCE, 'group'],
  user: ['ListUsers', OFFICER, 'user'],
  agent: ['ListAgents', OPERATOR, 'agent'],
};

class Inquiry {
  readonly missing: string[] = [];
  asked = 0;
  readonly #cluster: Cluster;
  readonly #member: Member;
  readonly #ledger: Ledger;

  constructor(cluster: Cluster, member: Member, ledger: Ledger) {
    this.#cluster = cluster;
    this.#member = member;
    this.#ledger = ledger;
  }

  async keys(): Promise<void> {
    const byAgent = Map.groupBy(this.#ledger.keys.values(), ({ agent }) => agent);
    for (const [agent, keys] of byAgent) {
      using client = await this.#client(agent);
      for (const key of keys) await this.#key(client, key);
    }
  }

  /** Of this KMA alone. */
  async #client(agent: string): Promise<KmaClient> {
    const profile = await loadProfile(this.#cluster.profile(agent));
    const settings = { ...profile.settings, discoveryFrequencyMs: 0 };
    return new KmaClient({ ...profile, address: this.#member.host, settings }, { keepAlive: true });
  }

  async #key(client: KmaClient, { keyId, keyHex }: GivenKey): Promise<void> {
    const { compromised, destroyed, perhapsDestroyed } = this.#ledger;
    this.asked += 1;
    try {
      const { key, keyState } = await client.retrieveKey(keyId);
      if (destroyed.has(keyId)) this.missing.push(`key ${keyId} was destroyed and is there`);
      if (hexOf(key.reveal()) !== keyHex) this.missing.push(`key ${keyId} has other bytes`);
      if (compromised.has(keyId) && keyState !== 'KEY-STATE-COMPROMISED')
        this.missing.push(`key ${keyId} is ${keyState}, not compromised`);
    } catch (error) {
      if (kindOf(error) === 'not-found' && perhapsDestroyed.has(keyId)) return;
      this.missing.push(`key ${keyId}: ${error}`);
    }
  }

  async dataUnits(): Promise<void> {
    const rows = await this.#member.rows<{ dataUnitId: string; externalTag: string }>(
      'ListDataUnits',
      OPERATOR,
    );
    const tags = new Map(rows.map(({ dataUnitId, externalTag }) => [dataUnitId, externalTag]));
    for (const { dataUnitId, externalTag } of this.#ledger.dataUnits)
      this.#expect(
        `data unit ${dataUnitId} of ${externalTag}: ${tags.get(dataUnitId) ?? 'not there'}`,
        tags.get(dataUnitId) === externalTag,
      );
  }

  async names(): Promise<void> {
    for (const kind of KINDS) {
      const [operation, user, column] = LISTS[kind];
      const rows = await this.#member.rows<Record<string, string>>(operation, user);
      const known = new Map(rows.map((row) => [row[column], row]));
      for (const { name } of this.#ledger.named.filter((named) => named.kind === kind))
        this.#expect(`${kind} ${name}`, known.has(name));
      if (kind === 'site')
        for (const [site, { acknowledged, since }] of this.#ledger.descriptions) {
          const description = known.get(site)?.['description'] ?? '';
          this.#expect(`description of ${site}`, description === acknowledged || since.has(description));
        }
    }
  }

  #expect(what: string, holds: boolean): void {
    this.asked += 1;
    if (!holds) this.missing.push(what);
  }
}

/** Each hand-out is in the audit of the KMA that gave the key, and of no other. */
function notAudited({ members }: Cluster, { keys }: Ledger): string[] {
  const times = new Map<string, number>();
  for (const { data } of members) {
    const store = openStore({ path: join(data, 'kma.db'), mode: 'read' });
    try {
      for (const [keyId, count] of auditedHandOuts(store)) times.set(keyId, (times.get(keyId) ?? 0) + count);
    } finally {
      store.close();
    }
  }
  return [...keys.keys()]
    .filter((keyId) => times.get(keyId) !== 1)
    .map((keyId) => `hand-out of ${keyId} is in the audit ${times.get(keyId) ?? 0} times`);
}

function damage({ members }: Cluster): string[] {
  return members.flatMap(({ data, plan }) => {
    const store = openStore({ path: join(data, 'kma.db'), mode: 'read' });
    try {
      const { kmaId } = readIdentity(DataDirectory.open(data));
      const chains = verifyAudit(store, kmaId).filter(({ verdict }) => verdict !== 'intact');
      return [...store.integrityCheck(), ...chains.map(({ term, verdict }) => `${term}: ${verdict}`)].map(
        (what) => `${plan.name}: ${what}`,
      );
    } finally {
      store.close();
    }
  });
}
