/** Three records of what both sides of a partition changed, made at one KMA as it makes them itself, while it does not run. */
import assert from 'node:assert/strict';
import { BulkWriter } from '../../bench/bulk-writer.ts';
import { columnStamp } from '../../src/core/column-stamps.ts';
import { byName } from '../../src/core/live.ts';
import { noteConflicts } from '../../src/operations/conflicts/note-conflicts.ts';
import { COMPLIANCE, OFFICER, QUORUM, type TestKma } from '../support/kma.ts';

/** Of a site, a key group and the KMA: each has one description, and was given another elsewhere. */
export async function noteThreeConflicts(kma: TestKma): Promise<void> {
  await kma.ask('ModifySite', { site: 'site-a', description: 'east' }, OFFICER);
  await kma.ask('ModifyKeyGroup', { group: 'group-a', description: 'tapes' }, COMPLIANCE);
  await kma.ask('ModifyKma', { kma: 'kma-test', description: 'ours' }, OFFICER, QUORUM);
  await kma.stop();
  await noteAll(kma.data);
  await kma.resume();
}

async function noteAll(data: string): Promise<void> {
  using writer = await BulkWriter.open(data);
  const { state } = writer.store;
  const found = (
    [
      ['site', 'site-a', 'east', 'west'],
      ['key_group', 'group-a', 'tapes', 'disks'],
      ['kma', 'kma-test', 'ours', 'theirs'],
    ] as const
  ).map(([inTable, name, kept, lost]) => {
    const row = byName(state, inTable, name);
    assert.ok(row !== undefined);
    const keptStamp = columnStamp(row, 'description');
    assert.ok(keptStamp);
    return {
      ...{ id: `description-of-${name}`, kind: 'field' as const, inTable, rowId: row.id },
      ...{ inColumn: 'description', sure: 1 as const, lostOperation: 'Modify' },
      keptStamp,
      keptValueJson: JSON.stringify(kept),
      lostStamp: row.createdStamp ?? '',
      lostValueJson: JSON.stringify(lost),
    };
  });
  writer.did(noteConflicts, { found }, undefined, { kind: 'local' });
}
