/** The address of a KMA as operations take it: a name or a literal. It resolves nothing. */
import { text } from './fields.ts';

/** Agents are told this address; without blanks. */
export const kmaAddress = (what: string) =>
  text(0, 255, what)
    .refine((value) => !/\s/.test(value), 'no blanks')
    .optional();
