/** Bytes joined so that nothing can move from one field into the next: what several parties hash or sign as one. It gives no meaning to them. */

/** Each field behind its length in four bytes, big-endian. */
export function joinedFields(fields: readonly Uint8Array[]): Buffer {
  return Buffer.concat(fields.flatMap((field) => [uint32(field.length), field]));
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
