/** Which operations may wait for the credentials of a quorum, and what is kept of their input meanwhile: never a secret. It decides none of them. */
import { canonicalJson } from '@openkma/protocol';
import { z } from 'zod';
import type { Refusal } from '../../core/refusal.ts';
import type { StateView } from '../../core/state.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import type { Operation } from '../operation.ts';

/** An input without its secrets: of a passphrase only the verifier is kept. */
export type Kept<In> = { readonly [K in keyof In as In[K] extends SecretBytes ? never : K]: In[K] };

export interface Pendable {
  readonly operation: Operation;
  readonly secrets: readonly string[];
  /** What will happen, with what is there before it; the refusal that it would meet now. */
  readonly describe: (input: unknown, state: StateView) => readonly string[] | Refusal;
}

export function pendable<In, Prepared, Mid, Out>(
  operation: Operation<In, Prepared, Mid, Out>,
  describe: (input: Kept<In>, state: StateView) => readonly string[] | Refusal,
): Pendable {
  return {
    operation: operation as Operation,
    secrets: secretFields(operation.input),
    describe: (input, state) => describe(input as Kept<In>, state),
  };
}

const schemaOfInput = z.looseObject({
  properties: z.record(z.string(), z.looseObject({ format: z.string().optional() })),
});

function secretFields(input: z.ZodType): string[] {
  const { properties } = schemaOfInput.parse(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }));
  return Object.keys(properties).filter((field) => properties[field]?.format === 'password');
}

/** The input as the caller gave it, without its secrets. */
export function keptJson({ secrets }: Pendable, input: unknown): string {
  const given = z.record(z.string(), z.unknown()).parse(input);
  return canonicalJson(
    Object.fromEntries(Object.entries(given).filter(([field]) => !secrets.includes(field))),
  );
}

/** Read by the operation's own schema, which wants a secret where one was; what stands in for it is taken out again. */
export function keptInput({ operation, secrets }: Pendable, inputJson: string): unknown {
  const kept = z.record(z.string(), z.unknown()).parse(JSON.parse(inputJson));
  const standIns = Object.fromEntries(secrets.map((field) => [field, '-']));
  const parsed = z.record(z.string(), z.unknown()).parse(operation.input.parse({ ...kept, ...standIns }));
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => !(value instanceof SecretBytes)));
}
