/** That others end its log is acted on after half an hour of it, and not where a removal comes meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, event } from '../../core/facts.ts';
import { FoldingWorld, LIFE, madeLife, OTHER_LIFE } from '../../core/folding.fixture.ts';
import type { IncarnationId, KmaId } from '../../core/ids.ts';
import { CutShortWatch } from './cut-short-watch.ts';

const MINUTE_MS = 60_000;

function world() {
  const { state, fold } = closed();
  const time = { ms: 5 };
  const found: string[] = [];
  const watch = new CutShortWatch({
    store: { state, logLength: () => 9 },
    self: { kmaId: 'KMA' as KmaId, incarnationId: LIFE },
    elapsedMs: () => time.ms,
    found: (byKmaId) => found.push(byKmaId),
  });
  const after = (minutes: number) => {
    for (let minute = 0; minute < minutes; minute++) {
      time.ms += MINUTE_MS;
      watch.look();
    }
    return found.length;
  };
  return { fold, after, found };
}

/** A cluster in which another KMA says that the log of this one ends with its fifth entry. */
function closed() {
  const folding = new FoldingWorld();
  const fold = folding.fold.bind(folding);
  fold(created('kma', 'KMA', { name: 'a', createdAt: 1, number: 1 }), madeLife(LIFE));
  fold(madeLife(OTHER_LIFE, 'OTHER' as KmaId));
  const byIncarnationId = OTHER_LIFE as IncarnationId;
  fold(created('log_end', `${LIFE}:${OTHER_LIFE}`, { incarnationId: LIFE, byIncarnationId, length: 5 }));
  return { state: folding.state, fold };
}

test('after half an hour it is told', () => {
  const { after, found } = world();
  assert.equal(after(30), 0);
  assert.equal(after(1), 1);
  assert.deepEqual(found, ['OTHER']);
});

test('a removal that comes meanwhile explains it', () => {
  const { fold, after } = world();
  assert.equal(after(20), 0);
  fold(event('kma', 'KMA', 'removed', { removedHow: 'lost' }));
  assert.equal(after(60), 0);
});
