/** Lists that come in pages: what a page is, and how the next one is asked for. It reads no row. */
import { z } from 'zod';
import type { Operation } from './operation.ts';

/** `next` is null where the list ends. */
export interface Page<T> {
  readonly rows: readonly T[];
  readonly next: string | null;
}

const page = z.strictObject({ rows: z.array(z.looseObject({})), next: z.string().nullable() });

/** What an operation answered, if it is a page of a list. */
export function asPage(output: unknown): Page<Readonly<Record<string, unknown>>> | null {
  return page.safeParse(output).data ?? null;
}

export function comesInPages({ output }: Operation): boolean {
  return output instanceof z.ZodObject && 'rows' in output.shape && 'next' in output.shape;
}
