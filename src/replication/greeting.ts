/** The form of what a KMA says before it knows which version the other one is of. What is said later keeps to what both know, and is not of this form. */
import { z } from 'zod';
import { REPLICATION_VERSION } from '../version.ts';

/**
 * Fields that a later version has added are left out, since one version back works (12.4 of the product). From a version that is
 * known here, they are none that a KMA sends.
 */
export function greeting<const Shape extends { readonly replicationVersion: z.ZodNumber } & z.ZodRawShape>(
  shape: Shape,
) {
  const known = z.object(shape);
  return z
    .looseObject(shape)
    .check(({ value, issues }) => {
      const keys = Object.keys(value).filter((key) => !Object.hasOwn(shape, key));
      if (keys.length === 0 || Number(value['replicationVersion']) > REPLICATION_VERSION) return;
      issues.push({ code: 'unrecognized_keys', keys, input: value });
    })
    .transform((value): z.infer<typeof known> => known.parse(value));
}
