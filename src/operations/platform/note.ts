/** NotePlatformEvent: what a part of the platform process has to say becomes an audit record. People do not call it. */
import { z } from 'zod';
import { operation } from '../operation.ts';

export const notePlatformEvent = operation({
  callers: 'local',
  quorum: false,
  needsUnlocked: false,
  changes: false,
  name: 'NotePlatformEvent',
  summary:
    'Records what a part of the platform of this KMA has to say: names, time, support access, monitoring.',
  audit: { class: 'System', retention: 'medium' },
  input: z.strictObject({
    part: z.string().min(1).max(32),
    severity: z.enum(['success', 'warning', 'error']),
    condition: z.string().min(1).max(64),
    message: z.string().max(1024),
    class: z.enum(['System', 'Appliance Management', 'Security Officer', 'Security Violation']).optional(),
    retention: z.enum(['long', 'medium', 'short']).optional(),
  }),
  output: z.null(),
  decide: ({ part, severity, condition, message, ...own }) => ({
    facts: [],
    output: null,
    audit: {
      severity,
      condition,
      message: `part=${part} ${message}`.trim(),
      ...(own.class === undefined ? {} : { class: own.class }),
      ...(own.retention === undefined ? {} : { retention: own.retention }),
    },
  }),
});
