/** The core's side of the platform process: questions that are answered, refused or forgotten; the config when it changes; states while it is there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../core/refusal.ts';
import type { PlatformConfig } from '../../platform/config.ts';
import { readPlatformSettings } from '../../platform-settings/index.ts';
import type { CoreToPlatform } from '../platform/messages.ts';
import { PlatformLink } from './platform-link.ts';

function linked(): {
  link: PlatformLink;
  sent: CoreToPlatform[];
  send: (m: CoreToPlatform) => void;
  rename(name: string): void;
  spoil(error: Error | null): void;
  readonly failures: unknown[];
} {
  let name = 'kma-1';
  let spoilt: Error | null = null;
  const failures: unknown[] = [];
  const sound = (): PlatformConfig => ({
    kma: { id: 'A', name, version: '1', addresses: [] },
    members: [],
    clustered: false,
    clockOffsetMs: 0,
    snmpManagers: [],
    ...readPlatformSettings(() => undefined),
  });
  const config = () => {
    if (spoilt !== null) throw spoilt;
    return sound();
  };
  const link = new PlatformLink({
    config,
    newestAuditRow: () => 7,
    standing: () => ({ locked: false, errorState: '', poolReadyPercent: 0, poolSize: 0, members: [] }),
    wanted: () => true,
    begin: () => undefined,
    failed: (error) => failures.push(error),
  });
  const sent: CoreToPlatform[] = [];
  const send = (message: CoreToPlatform) => void sent.push(message);
  link.connected(send);
  const rename = (to: string) => {
    name = to;
  };
  const spoil = (error: Error | null) => {
    spoilt = error;
  };
  return { link, sent, send, rename, spoil, failures };
}

test('a new process gets the config at once, and again only when it is another', () => {
  const { link, sent, rename } = linked();
  assert.deepEqual(
    sent.map(({ t }) => t),
    ['config'],
  );
  link.sendChanged();
  assert.equal(sent.length, 1);
  rename('kma-2');
  link.sendChanged();
  assert.equal(sent.length, 2);
  link.stop();
});

test('an answer goes to who asked, and a refusal with its code', async () => {
  const { link, sent } = linked();
  const asked = [link.ask('names', { name: 'a' }), link.ask('names', { name: 'b' })];
  const [first, second] = sent.flatMap((message) => (message.t === 'ask' ? [message.id] : []));
  link.answered({ t: 'refused', id: second ?? 0, code: 'DNS_NO_ANSWER', detail: 'silence' });
  link.answered({ t: 'answered', id: first ?? 0, answer: { addresses: [] } });
  link.answered({ t: 'answered', id: 999, answer: 'nobody asked' });
  assert.deepEqual(await Promise.all(asked), [
    { addresses: [] },
    { refused: 'DNS_NO_ANSWER', detail: 'silence' },
  ]);
  link.stop();
});

test('an answer in the form of a refusal is no refusal of the core', async () => {
  const { link, sent } = linked();
  const asked = link.ask('names', {});
  const id = sent.flatMap((message) => (message.t === 'ask' ? [message.id] : []))[0] ?? 0;
  link.answered({ t: 'answered', id, answer: { refused: 'NO_SUCH_CODE' } });
  assert.equal(((await asked) as { refused: string }).refused, 'SERVER_ERROR');
  link.stop();
});

test('who waits for a process that ends is refused, and what it said last holds no more', async () => {
  const { link, send } = linked();
  link.told('names', { summary: 'answering', troubles: [], details: {} });
  const asked = link.ask('names', {});
  link.disconnected(send);
  assert.ok(isRefusal(await asked));
  assert.deepEqual([link.states().running, link.states().parts.size], [false, 0]);
  link.stop();
});

test('while one process takes over from another the newest counts, and the other again where that ends', () => {
  const { link, sent } = linked();
  const later: CoreToPlatform[] = [];
  const sendLater = (message: CoreToPlatform) => void later.push(message);
  link.connected(sendLater);
  assert.deepEqual([sent.length, later.length], [1, 1]);
  link.disconnected(sendLater);
  assert.deepEqual([sent.length, later.length], [2, 1], 'the config again, which it answers with its states');
  assert.equal(link.states().running, true);
  link.stop();
});

test('a store that cannot be read ends nothing, and the process goes on with what it has', () => {
  const { link, sent, spoil, failures } = linked();
  spoil(new Error('a page is damaged'));
  link.sendChanged();
  assert.deepEqual([sent.length, failures.length], [1, 1]);
  spoil(null);
  link.sendChanged();
  assert.equal(link.states().running, true);
  link.stop();
});

test('no more than so many wait at a time, and no more parts than there can be are remembered', async () => {
  const { link } = linked();
  const asked = Array.from({ length: 100 }, () => link.ask('names', {}));
  const refused = await Promise.all(asked.slice(64));
  assert.ok(refused.every((answer) => isRefusal(answer) && answer.refused === 'SERVER_BUSY'));
  for (let i = 0; i < 1_000; i++) link.told(`part-${i}`, { summary: '', troubles: [], details: {} });
  assert.ok(link.states().parts.size <= 32);
  link.stop();
  await Promise.all(asked);
});
