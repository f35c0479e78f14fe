/** The operations of the KMA, as its OpenAPI document describes them, by their names. It calls none. */
import catalogue from 'virtual:catalogue';
import type { Operation } from '../../catalogue.ts';
import type { OperationId } from './types.ts';

export type { Column, Field, Operation } from '../../catalogue.ts';

const byId = new Map<string, Operation>(catalogue.map((operation) => [operation.id, operation]));

export const operations: readonly Operation[] = catalogue;

/** Names of operations come from the KMA, too. */
export function isOperation(id: string): id is OperationId {
  return byId.has(id);
}

export function operation(id: OperationId): Operation {
  const found = byId.get(id);
  if (found === undefined) throw new Error(`the KMA has no operation ${id}`);
  return found;
}

/** Never more than a hint of what to show: the KMA itself judges each call. What it does not have nobody may call. */
export function mayCall(id: OperationId, own: readonly string[]): boolean {
  return byId.get(id)?.roles.some((role) => own.includes(role)) ?? false;
}
