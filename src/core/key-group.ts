/** The key group of a key: where it was handed out, unless a Compliance Officer has moved it since. */
import type { KeyGroupId } from './ids.ts';
import type { Row } from './tables.ts';

export function keyGroupOf(
  key: Pick<Row<'key'>, 'activatedKeyGroupId' | 'changedKeyGroupId'>,
): KeyGroupId | null {
  return key.changedKeyGroupId ?? key.activatedKeyGroupId;
}
