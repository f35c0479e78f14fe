/** A KMA that is started by an ordinary user: the key service as for root, its settings too, and what takes root says so. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { OFFICER, TestKma } from './support/kma.ts';
import { RawAgent, unitOf } from './support/raw-agent.ts';
import { ServedKma } from './support/served-kma.ts';
import { until } from './support/until.ts';

/** Nobody: no user of Debian has this number. */
const USER_ID = 64_123;

interface Status {
  readonly platform: readonly { readonly part: string; readonly summary: string }[];
}

test('started by an ordinary user a KMA serves agents, and its platform process does what needs no root', async () => {
  assert.equal(process.getuid?.(), 0, 'run this test as root: it becomes an ordinary user');
  await using kma = await TestKma.start();
  const agent = await RawAgent.create(kma, 'drive-1');
  await kma.stop();
  await using served = await ServedKma.startAs(USER_ID, kma);
  const here = new RawAgent(agent.name, served.ports, agent.identity);
  const unit = unitOf(await here.createUnit());
  await here.createKey(unit.dataUnitId);
  await kma.ask('SetDns', { servers: ['127.0.0.53'], domain: 'example.com' }, OFFICER);
  const status = await until('the platform process is there', async () => {
    const found = await kma.ask<Status>('ShowStatus', {});
    return found.platform.length > 0 && found;
  });
  assert.match(status.platform.find(({ part }) => part === 'names')?.summary ?? '', /^127\.0\.0\.53/);
  for (const pid of [served.pid, ...served.children()])
    assert.match(readFileSync(`/proc/${pid}/status`, 'utf8'), new RegExp(`^Uid:\t${USER_ID}\t`, 'm'));
});
