/** The input fields of an operation as its schema has them, for whoever reads them as text: command line, paths and queries. It checks no value. */
import { z } from 'zod';
import { PEM_MEDIA_TYPE } from './fields.ts';
import type { Operation } from './operation.ts';

export interface InputField {
  readonly name: string;
  readonly kind: 'text' | 'integer' | 'flag' | 'list' | 'secret';
  readonly choices: readonly string[] | undefined;
  readonly required: boolean;
  readonly description: string;
  /** What it is where it is left out; undefined where it then is nothing. */
  readonly preset: unknown;
  /** Certificates or a key, many lines of text: on the command line a file. */
  readonly pem: boolean;
}

/** The conditions of a list; a value in one may hold any character, so that they are not given as one text. */
export const FILTER_FIELD = 'filter';

/** The part of JSON Schema that input fields use. */
const jsonField = z.object({
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  format: z.string().optional(),
  contentMediaType: z.string().optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  items: z
    .object({ enum: z.array(z.string()).optional() })
    .loose()
    .optional(),
  anyOf: z.array(z.object({ type: z.string().optional() }).loose()).optional(),
});

/** A schema does not change, and reading one takes longer than most requests. */
const known = new WeakMap<z.ZodType, readonly InputField[]>();

/** In the order of the schema. */
export function inputFieldsOf({ input }: Operation): readonly InputField[] {
  const fields = known.get(input) ?? readFields(input);
  known.set(input, fields);
  return fields;
}

function readFields(input: z.ZodType): readonly InputField[] {
  const schema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const field = jsonField.parse(property);
    return {
      name,
      kind: kindOf(field),
      choices: field.enum ?? field.items?.enum,
      required: required.has(name),
      description: field.description ?? '',
      preset: field.default,
      pem: field.contentMediaType === PEM_MEDIA_TYPE,
    };
  });
}

function kindOf(field: z.infer<typeof jsonField>): InputField['kind'] {
  if (field.format === 'password') return 'secret';
  const type = field.type ?? field.anyOf?.find((option) => option.type !== 'null')?.type;
  if (type === 'boolean') return 'flag';
  if (type === 'array') return 'list';
  return type === 'integer' || type === 'number' ? 'integer' : 'text';
}
