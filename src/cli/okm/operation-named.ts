/** An operation that okm itself needs, out of the catalogue; it makes none. */
import { findOperation } from '../../operations/catalogue.ts';
import type { Operation } from '../../operations/operation.ts';

export function operationNamed(name: string): Operation {
  const operation = findOperation(name);
  if (operation === undefined) throw new TypeError(`there is no operation ${name}`);
  return operation;
}
