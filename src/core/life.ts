/** What is known of a life of a data directory: by its own word, or, before its log has come, by that of the member that admitted it. It judges nothing. */
import type { KmaId } from './ids.ts';
import type { Row } from './tables.ts';

type Life = Row<'incarnation'>;

export function kmaOfLife(life: Life): KmaId | null {
  return life.kmaId ?? life.admittedKmaId;
}
export function logKeyOfLife(life: Life): string | null {
  return life.logPublicKey ?? life.admittedLogPublicKey;
}
/** Null of a life that began before there was replication, and has not been admitted since. */
export function replicationKeyOfLife(life: Life): string | null {
  return life.replicationPublicKey ?? life.admittedReplicationKey;
}
