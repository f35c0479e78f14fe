/** Who the members are, as the replicator is told: their keys and lives, and which logs are to be followed how far. It decides about no member. */

import type { z } from 'zod';
import { comparedFrom } from '../../core/compared-from.ts';
import { kmaOfLife, replicationKeyOfLife } from '../../core/life.ts';
import { isLive } from '../../core/live.ts';
import { logLimit } from '../../core/log-end.ts';
import { absenceOf } from '../../core/membership.ts';
import type { Row } from '../../core/tables.ts';
import { certificateKeySha256, memberKeySha256 } from '../../operations/cluster/member-key.ts';
import { doubtedLog } from '../../setup/copy-detection.ts';
import type { Store } from '../../store/store.ts';
import {
  type CoreToReplicator,
  formerMember,
  type RosterMember,
  rosterLog,
  rosterMember,
} from '../replicator/messages.ts';

type RosterMessage = Extract<CoreToReplicator, { t: 'roster' }>;
const KMAS_MAX = 1_000;
const LIVES_MAX = 10_000;

/** A life whose keys are known: it was admitted, or has begun its log. */
interface KnownLife {
  readonly incarnationId: string;
  readonly kmaId: string;
  readonly replicationPublicKey: string;
  readonly ended: boolean;
}

export function rosterOf(store: Store): RosterMessage {
  const { state } = store;
  const lives = state.page('incarnation', '', LIVES_MAX).flatMap((row) => knownLife(row) ?? []);
  const kmas = state.page('kma', '', KMAS_MAX);
  const members = kmas.filter(isLive).map((kma) => memberOf(kma, lives));
  const former = kmas.flatMap((kma) => {
    const why = absenceOf(kma);
    return why === null ? [] : [{ keySha256: certificateKeySha256(kma.certificatePem), why }];
  });
  const doubted = doubtedLog(store);
  const logs = lives.map(({ incarnationId, replicationPublicKey }) => ({
    incarnationId,
    replicationPublicKey,
    limit: logLimit(state, incarnationId, store.logLength(incarnationId)),
    comparedFrom: incarnationId === doubted ? comparedFrom(state, incarnationId) : null,
  }));
  return {
    t: 'roster',
    members: sound(rosterMember, members),
    former: sound(formerMember, former),
    logs: sound(rosterLog, logs),
  };
}

/** What another member wrote so that no message can hold it is left out, and takes nobody else with it. */
function sound<T>(schema: z.ZodType<T>, rows: readonly T[]): T[] {
  return rows.filter((row) => schema.safeParse(row).success);
}

function memberOf(kma: Row<'kma'>, lives: readonly KnownLife[]): RosterMember {
  return {
    kmaId: kma.id,
    name: kma.name ?? '',
    address: kma.managementAddress ?? '',
    serviceAddress: kma.serviceAddress ?? '',
    keySha256: memberKeySha256(kma),
    incarnations: lives
      .filter(({ kmaId }) => kmaId === kma.id)
      .map(({ incarnationId, replicationPublicKey, ended }) => ({
        incarnationId,
        replicationPublicKey,
        live: !ended,
      })),
  };
}

/** Null for a life of before there was replication, whose log nobody can bring. */
function knownLife(row: Row<'incarnation'>): KnownLife | null {
  const kmaId = kmaOfLife(row);
  const replicationPublicKey = replicationKeyOfLife(row);
  if (kmaId === null || replicationPublicKey === null || replicationPublicKey === '') return null;
  return { incarnationId: row.id, kmaId, replicationPublicKey, ended: row.endedStamp !== null };
}
