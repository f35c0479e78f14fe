/** The version of a thing that has a name and is one row. It shows nothing of it. */
import { type Named, named } from './entities.ts';
import { type Entity, rowVersion } from './row-version.ts';

/** `field` of the input names the thing. */
export function namedEntity<Field extends string>(
  table: Named,
  field: Field,
): Entity<Readonly<Record<Field, string>>> {
  return {
    version(state, input) {
      const row = named(state, table, input[field]);
      return row === undefined ? null : rowVersion(row);
    },
  };
}
