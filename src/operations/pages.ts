/** What an operation answered, if it is a page of a list. It reads no row. */
import { z } from 'zod';

/** `next` is null where the list ends. */
export interface Page<T> {
  readonly rows: readonly T[];
  readonly next: string | null;
}

const page = z.strictObject({ rows: z.array(z.looseObject({})), next: z.string().nullable() });

export function asPage(output: unknown): Page<Readonly<Record<string, unknown>>> | null {
  return page.safeParse(output).data ?? null;
}
