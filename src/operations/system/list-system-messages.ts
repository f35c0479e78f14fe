/** The list of what the processes of this KMA reported: starts, ends, trouble of the store, an odd clock. Nothing of it is replicated. */
import { z } from 'zod';
import { reading } from '../common-settings.ts';
import type { SystemMessageRow } from '../contexts.ts';
import { dateText } from '../fields.ts';
import { listOperation } from '../lists/list.ts';
import { MACHINE_ROLES } from './machine-roles.ts';

export const systemMessageShape = z.strictObject({
  number: z.number(),
  createdAt: z.string(),
  process: z.string(),
  severity: z.enum(['info', 'warning', 'error']),
  message: z.string(),
});

export const systemMessageShown = ({ number, createdAtMs, ...message }: SystemMessageRow) => ({
  number,
  createdAt: dateText(createdAtMs),
  ...message,
});

export const listSystemMessages = listOperation({
  ...reading,
  callers: MACHINE_ROLES,
  name: 'ListSystemMessages',
  http: { method: 'GET', path: '/v1/system-messages' },
  summary:
    'Lists what the processes of this KMA reported, newest first: starts, ends, trouble of the store, an odd clock.',
  row: systemMessageShape,
  key: ['number'],
  order: 'number',
  descending: true,
  command: {
    words: ['system', 'messages'],
    example: 'kma system messages --filter severity=error --user operator',
  },
  rows: ({ systemMessages }) => systemMessages().map(systemMessageShown),
});
