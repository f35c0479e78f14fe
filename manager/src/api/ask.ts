/** Asks an operation that the page knows by its name. It has no types of its own: the compiler checks what goes in and comes out against the description of the interface. */
import { type CallOptions, call, type Input } from './call.ts';
import { operation } from './catalogue.ts';
import type { InputOf, OperationId, OutputOf } from './types.ts';

export async function ask<Id extends OperationId>(
  id: Id,
  input: InputOf<Id>,
  options: CallOptions = {},
): Promise<OutputOf<Id>> {
  return (await call(operation(id), input as Input, options)).body as OutputOf<Id>;
}
