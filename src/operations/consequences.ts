/** What a row that was changed elsewhere means for the memory of this core. What operations do here they say themselves; it changes nothing. */
import type { RowChange } from '../core/named-objects.ts';
import type { AnyRow, TableName } from '../core/tables.ts';
import type { Effect } from './effects.ts';
import type { Self } from './operation.ts';

type Own = Pick<Self, 'kmaId' | 'incarnationId'>;
type Rule = (change: RowChange, self: Own) => readonly Effect[];

const POOL_CHANGED: Effect = { effect: 'pool-changed' };
const TLS_CHANGED: Effect = { effect: 'tls-changed' };
const NONE: readonly Effect[] = [];

/** Replies that repeat a proof of the old passphrase are void, and its failures are forgotten. */
const passphrase: Rule = ({ table, before, after }) =>
  before !== undefined &&
  typeof after['name'] === 'string' &&
  differs(before, after, 'verifierObjectId', 'legacySecretObjectId', 'proofDisabled', 'removedStamp')
    ? [{ effect: 'passphrase-set', entity: `${table}:${after['name']}` }]
    : NONE;

/** Others hold keys, and which of them count changes with members and lives. */
const holders: Rule = () => [POOL_CHANGED];

const RULES: { readonly [T in TableName]?: Rule } = {
  user: passphrase,
  agent: passphrase,
  kma: (change, self) => [
    ...passphrase(change, self),
    ...(change.after.id === self.kmaId && differs(change.before, change.after, 'certificatePem', 'minimumTls')
      ? [TLS_CHANGED]
      : NONE),
    ...(differs(change.before, change.after, 'removedStamp') ? [POOL_CHANGED] : NONE),
  ],
  certificate_authority: ({ before, after }) =>
    differs(before, after, 'certificatePem') ? [TLS_CHANGED] : NONE,
  setting: ({ after }) => (after.id === 'keyPoolSize' ? [POOL_CHANGED] : NONE),
  backup: holders,
  core_security_backup: holders,
  incarnation: holders,
  /** One of the own pool that was compromised or destroyed elsewhere. */
  key: ({ before, after }, self) =>
    after['incarnationId'] === self.incarnationId &&
    differs(before, after, 'activatedStamp', 'compromisedStamp', 'destroyedStamp')
      ? [POOL_CHANGED]
      : NONE,
};

/** Each once, in the order of first need. */
export function consequences(changes: readonly RowChange[], self: Own): readonly Effect[] {
  const found = new Map<string, Effect>();
  for (const change of changes)
    for (const effect of RULES[change.table]?.(change, self) ?? NONE)
      found.set(JSON.stringify(effect), effect);
  return [...found.values()];
}

function differs(before: AnyRow | undefined, after: AnyRow, ...columns: readonly string[]): boolean {
  return columns.some((column) => (before?.[column] ?? null) !== (after[column] ?? null));
}
