/** Schemas of what agents send, with the limits of the protocol (sections 6.1 and 12); identifiers are judged later, each by its own fault number. */
import {
  type AgentKey,
  AUDIT_LOG_CONDITIONS,
  AUDIT_LOG_RETENTIONS,
  AUDIT_MESSAGE_CHARACTERS,
  DATA_UNIT_STATES,
  type DataUnit,
  FILTER_OPERATORS,
  KEY_STATES,
  KEY_TYPES,
  KMS_STRING_CHARACTERS,
  type QueryParameters,
  SORT_ORDERS,
} from '@openkma/protocol';
import { z } from 'zod';

/** The schema of a struct whose fields are exactly those of `T`. */
export function fields<T extends object>(
  shape: { readonly [K in keyof T]-?: z.ZodType<T[K]> },
): z.ZodType<T> {
  return z.strictObject(shape) as unknown as z.ZodType<T>;
}

/** KMS strings are limited in characters, answers to agents in bytes (protocol 12). */
export const text = z
  .string()
  .max(2 * KMS_STRING_CHARACTERS)
  .refine(
    (value) => [...value].length <= KMS_STRING_CHARACTERS,
    `at most ${KMS_STRING_CHARACTERS} characters`,
  );

/** An identifier of any length up to this bound; the operation answers with the number for its kind. */
export const identifier = z.string().max(128);

export const bytes = (minimum: number, maximum = minimum): z.ZodType<Uint8Array> =>
  z
    .instanceof(Uint8Array)
    .refine((value) => value.length >= minimum && value.length <= maximum, `${minimum} to ${maximum} bytes`);

/** What stands beside the ID may be stale or blank (protocol 8), so it is bounded and nothing more. */
export const dataUnit = fields<DataUnit>({
  dataUnitId: identifier,
  externalUniqueId: identifier,
  externalTag: text,
  description: text,
  state: z.enum(DATA_UNIT_STATES),
});

export const agentKey = fields<AgentKey>({
  keyId: identifier,
  keyState: z.enum(KEY_STATES),
  keyType: z.enum(KEY_TYPES),
  keyGroupId: z.string(),
  key: bytes(0, 64),
});

const FILTERS_MAX = 32;
export const queryParameters = fields<QueryParameters>({
  nextPageSize: z.int(),
  sortFieldName: text,
  sortOrder: z.enum(SORT_ORDERS),
  filterParameters: z
    .array(z.strictObject({ fieldName: text, filterOperator: z.enum(FILTER_OPERATORS), fieldValue: text }))
    .max(FILTERS_MAX),
  previousPageLastIdValue: text,
  previousPageLastSortFieldValue: text,
});

export const auditRetention = z.enum(AUDIT_LOG_RETENTIONS);
export const auditCondition = z.enum(AUDIT_LOG_CONDITIONS);
export const auditMessage = z
  .string()
  .min(1)
  .max(2 * AUDIT_MESSAGE_CHARACTERS)
  .refine(
    (value) => [...value].length <= AUDIT_MESSAGE_CHARACTERS,
    `at most ${AUDIT_MESSAGE_CHARACTERS} characters`,
  );
