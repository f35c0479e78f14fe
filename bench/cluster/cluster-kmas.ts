/** Three KMAs on one machine: the first with the keys of years, two that join it and leave again; agents of all. It measures nothing but the joins. */
import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadProfile } from '@openkma/agent';
import { AGENT_PASSPHRASE, BACKUP, OFFICER, QUORUM, TestKma } from '../../test/support/kma.ts';
import type { KeptCaller } from '../kept-load.ts';
import { type Joined, joinAndCatchUp } from './join.ts';
import { Member } from './member.ts';
import { issueKeys, makeKeys } from './stock.ts';

const FIRST = '127.0.6.1';
const AGENTS = 4;
/** Away from those that tests take. */
const OFFSETS = [16_000, 20_000] as const;

export class ClusterKmas implements AsyncDisposable {
  readonly #kma: TestKma;
  readonly #portOffset: number;
  readonly first: Member;
  readonly agents: readonly Omit<KeptCaller, 'requests'>[];
  /** With agents, of those made so far. */
  heldKeys: readonly string[] = [];
  #joined: readonly Member[] = [];
  #joins = 0;

  private constructor(kma: TestKma, agents: readonly Omit<KeptCaller, 'requests'>[]) {
    this.#kma = kma;
    this.agents = agents;
    this.#portOffset = randomInt(...OFFSETS);
    const { folder, data } = kma;
    this.first = new Member({ name: 'kma-test', host: FIRST, portOffset: this.#portOffset, folder, data });
  }

  /** The first one, stopped. */
  static async make(): Promise<ClusterKmas> {
    const kma = await TestKma.start({ host: FIRST });
    const agents = [];
    for (let number = 1; number <= AGENTS; number += 1) {
      const client = await kma.agent(`caller-${number}`);
      client.close();
      const { privateKeyPem, certificatePem, caPem } = await loadProfile(kma.profile(`caller-${number}`));
      agents.push({ key: privateKeyPem, cert: certificatePem, ca: caPem });
    }
    await kma.stop();
    return new ClusterKmas(kma, agents);
  }

  get members(): readonly Member[] {
    return [this.first, ...this.#joined];
  }

  /** Alone, with so many keys in all, nearly all of them with agents; running afterwards. */
  async stock(keys: number): Promise<void> {
    await this.first.stop();
    const more = keys - this.heldKeys.length;
    await makeKeys(this.#kma.data, more);
    await this.first.start();
    await this.#kma.backup();
    await this.first.stop();
    this.heldKeys = [...this.heldKeys, ...(await issueKeys(this.#kma.data, more))];
    await this.first.start();
  }

  async poolSize(size: number): Promise<void> {
    await this.#kma.ask('ModifyKeyPoolSize', { size }, BACKUP);
  }

  /** One more member, caught up. */
  async join(): Promise<Joined> {
    this.#joins += 1;
    const name = `joined-${this.#joins}`;
    const host = `127.0.6.${1 + this.#joins}`;
    const addresses = { managementAddress: host, serviceAddress: host };
    await this.#kma.ask(
      'CreateKma',
      { kma: name, passphrase: AGENT_PASSPHRASE, ...addresses },
      OFFICER,
      QUORUM,
    );
    const folder = join(this.#kma.folder, name);
    mkdirSync(folder);
    const place = { name, host, portOffset: this.#portOffset, folder, data: join(folder, 'data') };
    const joined = await joinAndCatchUp(this.first, new Member(place), {
      passphrase: AGENT_PASSPHRASE,
      quorum: QUORUM,
      caKeySha256: await this.#caKeySha256(),
    });
    this.#joined = [...this.#joined, joined.member];
    return joined;
  }

  /** All but the first leave, and their disks are gone. */
  async leave(): Promise<void> {
    for (const member of this.#joined) {
      await member.stop();
      await this.#kma.ask('DeleteKma', { kma: member.place.name, as: 'retired' }, OFFICER);
      rmSync(member.place.folder, { recursive: true });
    }
    this.#joined = [];
  }

  async #caKeySha256(): Promise<string> {
    return (await this.#kma.ask<{ publicKeySha256: string }>('ShowRootCa', {}, OFFICER)).publicKeySha256;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const member of this.members) await member.stop();
    await this.#kma[Symbol.asyncDispose]();
  }
}
