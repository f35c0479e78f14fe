/** Lists that come in pages: what a page is, and how the next one is asked for. It reads no row. */
import { z } from 'zod';
import type { Operation } from './operation.ts';

/** Input field by which a list goes on. */
export const after = () =>
  z
    .string()
    .regex(/^[\w-]{1,512}$/, 'the "next" of the page before')
    .optional()
    .meta({ description: 'goes on where a page ended: its "next"' });

/** `next` is null where the list ends. A page may have fewer rows than were asked for, and yet a next one. */
export const pageOf = <T>(row: z.ZodType<T>) =>
  z.strictObject({ rows: z.array(row), next: z.string().nullable() });

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
