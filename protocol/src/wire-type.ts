/** The vocabulary in which the table of operations is written: value types and fields; it never encodes or decodes. */

declare const value: unique symbol;

/** A type on the wire that carries the type of its value here. */
export interface WireType<Value> {
  readonly shape: Shape;
  readonly [value]?: Value;
}

/** What the declared bounds mean is said at each builder below. */
export type Shape =
  | { readonly kind: 'string'; readonly maxBytes: number }
  | { readonly kind: 'identifier'; readonly minDigits: number; readonly maxDigits: number }
  | { readonly kind: 'address'; readonly maxBytes: number }
  | { readonly kind: 'hexBinary'; readonly minBytes: number; readonly maxBytes: number }
  | { readonly kind: 'int'; readonly min: number; readonly max: number }
  | { readonly kind: 'long' }
  | { readonly kind: 'count' }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'dateTime' }
  | {
      readonly kind: 'enum';
      readonly name: string;
      readonly texts: readonly string[];
      readonly sent: readonly string[];
    }
  | StructShape
  | {
      readonly kind: 'array';
      readonly name: string;
      readonly itemElement: string;
      readonly item: StructShape;
      readonly minItems: number;
      readonly maxItems: number;
    };

export interface StructShape {
  readonly kind: 'struct';
  readonly name: string;
  readonly attributes: readonly Entry[];
  readonly elements: readonly Entry[];
  /** Element name to its place in `elements`. */
  readonly placeOf: ReadonlyMap<string, number>;
}

/** One field with the name of its property here. */
export interface Entry {
  readonly property: string;
  readonly field: Field<unknown>;
}

export interface Field<Value> {
  readonly name: string;
  readonly place: 'element' | 'attribute' | 'qualified-attribute';
  readonly optional: boolean;
  readonly shape: Shape;
  readonly [value]?: Value;
}
export interface OptionalField<Value> extends Field<Value> {
  readonly optional: true;
}
export type FieldSet = Readonly<Record<string, Field<unknown>>>;

type ValueOf<F> = F extends Field<infer Value> ? Value : never;
type OptionalNames<Set> = {
  [Name in keyof Set]: Set[Name] extends { optional: true } ? Name : never;
}[keyof Set];
type Flat<T> = { [Name in keyof T]: T[Name] };
/** The plain object that a set of fields describes. */
export type FieldsOf<Set> = Flat<
  { readonly [Name in Exclude<keyof Set, OptionalNames<Set>>]: ValueOf<Set[Name]> } & {
    readonly [Name in OptionalNames<Set>]?: ValueOf<Set[Name]> | undefined;
  }
>;

const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;

/** A string; responses cut it to `maxBytes`, since agents have fixed buffers (protocol 12). Requests are not cut. */
export const text = (maxBytes: number): WireType<string> => ({ shape: { kind: 'string', maxBytes } });

/** A binary identifier as hex in an xsd:string (protocol 2.3); a response with a bad one is never written (protocol 13). */
export const identifier = (minDigits: number, maxDigits = minDigits): WireType<string> => ({
  shape: { kind: 'identifier', minDigits, maxDigits },
});

/** IPv4 literal or DNS name; a response with an IPv6 literal is never written (protocol 13, item 8). */
export const address = (maxBytes: number): WireType<string> => ({ shape: { kind: 'address', maxBytes } });

/** Bytes as hexBinary; the bounds hold in both directions. */
export const hexBinary = (minBytes: number, maxBytes = minBytes): WireType<Uint8Array> => ({
  shape: { kind: 'hexBinary', minBytes, maxBytes },
});

/** Signed 32 bits; the bounds hold in both directions. */
export const int = (min = INT_MIN, max = INT_MAX): WireType<number> => ({ shape: { kind: 'int', min, max } });

/** Signed 64 bits; a bigint only beyond the safe integers. */
export const long = (): WireType<number | bigint> => ({ shape: { kind: 'long' } });

/** A long that counts something: 0 up to the largest safe integer. */
export const count = (): WireType<number> => ({ shape: { kind: 'count' } });

export const boolean = (): WireType<boolean> => ({ shape: { kind: 'boolean' } });

/** Milliseconds since 1970 here, whole seconds in UTC on the wire. */
export const dateTime = (): WireType<number> => ({ shape: { kind: 'dateTime' } });

/** An enumeration by its texts in ordinal order; a response may hold only those of `sent`. */
export const enumeration = <Text extends string>(
  name: string,
  texts: readonly Text[],
  sent: readonly Text[] = texts,
): WireType<Text> => ({ shape: { kind: 'enum', name, texts, sent } });

export interface StructType<Value> extends WireType<Value> {
  readonly shape: StructShape;
}

/** Fields in wire order. */
export function struct<Set extends FieldSet>(name: string, fields: Set): StructType<FieldsOf<Set>> {
  const entries = Object.entries(fields).map(([property, field]): Entry => ({ property, field }));
  const elements = entries.filter(({ field }) => field.place === 'element');
  return {
    shape: {
      kind: 'struct',
      name,
      attributes: entries.filter(({ field }) => field.place !== 'element'),
      elements,
      placeOf: new Map(elements.map(({ field }, place) => [field.name, place])),
    },
  };
}

/** A SOAP array of structs; the number of items is checked when a response is written, the upper bound always. */
export const array = <Value>(
  itemElement: string,
  item: StructType<Value>,
  minItems: number,
  maxItems: number,
): WireType<readonly Value[]> => ({
  shape: {
    kind: 'array',
    name: `ArrayOf${item.shape.name}`,
    itemElement,
    item: item.shape,
    minItems,
    maxItems,
  },
});

const field = (name: string, place: Field<unknown>['place'], optional: boolean, shape: Shape) =>
  ({ name, place, optional, shape }) as const;

export const element = <Value>(name: string, type: WireType<Value>): Field<Value> =>
  field(name, 'element', false, type.shape);

/** An element that is left out when nothing is given. */
export const optionalElement = <Value>(name: string, type: WireType<Value>): OptionalField<Value> => ({
  ...field(name, 'element', true, type.shape),
  optional: true,
});

export const attribute = <Value>(name: string, type: WireType<Value>): OptionalField<Value> => ({
  ...field(name, 'attribute', true, type.shape),
  optional: true,
});

/** An attribute in the namespace of its service, the only form in which agents see it (protocol 5.1, Locked). */
export const qualifiedAttribute = <Value>(name: string, type: WireType<Value>): OptionalField<Value> => ({
  ...field(name, 'qualified-attribute', true, type.shape),
  optional: true,
});
