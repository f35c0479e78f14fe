/** What goes into each operation and comes out of it, by the description of the interface. Nothing of it is left when the page runs. */
import type { Operations } from '../../generated/operations.ts';

export type OperationId = keyof Operations;

export type InputOf<Id extends OperationId> = Operations[Id]['input'] & BodyOf<Operations[Id]['body']>;
type BodyOf<Body> = [Body] extends [never] ? unknown : Body;

export type OutputOf<Id extends OperationId> = Operations[Id]['output'];

export type ListId = {
  [Id in OperationId]: OutputOf<Id> extends { rows: readonly unknown[] } ? Id : never;
}[OperationId];

export type RowOf<Id extends ListId> = OutputOf<Id>['rows'][number];

export type ColumnOf<Id extends ListId> = keyof RowOf<Id> & string;
