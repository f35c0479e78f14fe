/** Against lost updates: reads the version of a thing just before it is changed, and has the change made to that version alone. It decides nothing by what it reads. */
import type { Answer, CallOptions, Manager } from '../../client/manager.ts';
import { operations } from '../../operations/catalogue.ts';
import { inputFieldsOf } from '../../operations/input-fields.ts';
import type { Operation } from '../../operations/operation.ts';

type Caller = Pick<Manager, 'call'>;

/** Calls an operation; what somebody else changes meanwhile is not overwritten. */
export async function callUnlessChanged(
  manager: Caller,
  operation: Operation,
  input: Readonly<Record<string, unknown>>,
  options: CallOptions = {},
): Promise<Answer> {
  const ifMatch = options.ifMatch ?? (await presentVersion(manager, operation, input));
  return manager.call(operation, input, ifMatch === null ? options : { ...options, ifMatch });
}

/** Null where nothing is known of versions. */
async function presentVersion(
  manager: Caller,
  operation: Operation,
  input: Readonly<Record<string, unknown>>,
): Promise<string | null> {
  const show = showingOf(operation);
  if (show === undefined) return null;
  const fields = inputFieldsOf(show).map(({ name }) => [name, input[name]]);
  return (await manager.call(show, Object.fromEntries(fields))).version;
}

/** What shows the thing that `operation` changes. */
function showingOf({ entity, http }: Operation): Operation | undefined {
  if (entity === undefined || http === undefined || http.method === 'GET') return undefined;
  return operations.find((other) => other.http?.method === 'GET' && other.http.path === http.path);
}
