/** What was changed on both sides of a partition, in the web Manager: one button takes the other value, another leaves it as it is. The records are made as a KMA makes them, while it does not run. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { COMPLIANCE, OFFICER, QUORUM } from '../support/kma.ts';
import { fillQuorum } from './forms.ts';
import { ManagerKma } from './manager-kma.ts';
import { noteThreeConflicts } from './noted-conflicts.ts';

let manager: ManagerKma;

before(async () => {
  manager = await ManagerKma.start({ host: '127.0.0.76' });
  await noteThreeConflicts(manager.kma);
});
after(() => manager?.[Symbol.asyncDispose]());

test('the overview says that there are conflicts, and one button takes the other value and settles it', async () => {
  await using opened = await manager.at(OFFICER);
  const { page } = opened;
  await page.getByRole('link', { name: 'Conflicts after a partition' }).click();
  const row = page.getByRole('row', { name: /site-a/ });
  await row.getByRole('button', { name: 'Take the other' }).click();
  const form = page.getByRole('dialog');
  await form.getByText('site site-a, description: "west" takes the place of "east".').waitFor();
  await form.getByRole('button', { name: 'Take the other' }).click();
  await form.waitFor({ state: 'detached' });
  await row.waitFor({ state: 'detached' });
  const { description } = await manager.kma.ask<{ description: string }>(
    'ShowSite',
    { site: 'site-a' },
    OFFICER,
  );
  assert.equal(description, 'west');
});

test('what needs a quorum needs it here too', async () => {
  await using opened = await manager.at(OFFICER, '/conflicts');
  const { page } = opened;
  const row = page.getByRole('row', { name: /KMA kma-test/ });
  await row.getByRole('button', { name: 'Take the other' }).click();
  const form = page.getByRole('dialog');
  await fillQuorum(form, QUORUM);
  await form.getByRole('button', { name: 'Take the other' }).click();
  await form.waitFor({ state: 'detached' });
  await row.waitFor({ state: 'detached' });
  const { description } = await manager.kma.ask<{ description: string }>(
    'ShowKma',
    { kma: 'kma-test' },
    OFFICER,
  );
  assert.equal(description, 'theirs');
});

test('who may not change the thing may leave it as it is, and is offered nothing else', async () => {
  await using opened = await manager.at(OFFICER, '/conflicts');
  const { page } = opened;
  const row = page.getByRole('row', { name: /group-a/ });
  await row.waitFor();
  assert.equal(await row.getByRole('button', { name: 'Take the other' }).count(), 0);
  await row.getByRole('button', { name: 'Leave it as it is' }).click();
  const form = page.getByRole('dialog');
  await form.getByRole('button', { name: 'Leave it as it is' }).click();
  await form.waitFor({ state: 'detached' });
  await row.waitFor({ state: 'detached' });
  const { description } = await manager.kma.ask<{ description: string }>(
    'ShowKeyGroup',
    { group: 'group-a' },
    COMPLIANCE,
  );
  assert.equal(description, 'tapes');
});
