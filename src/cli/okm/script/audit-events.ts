/** "okm auditevents": the newest audit events. It changes nothing. */
import { integerOf } from '../../whole-number.ts';
import type { ScriptCommand } from './script-command.ts';
import { wholeList } from './whole-list.ts';

const COUNT = { default: 100, max: 1_000_000 } as const;

export const auditEventsCommand: ScriptCommand = {
  word: 'auditevents',
  description: 'Lists audit events, newest first (any role).',
  example: '--maxcount 2000 --output events.txt',
  options(command) {
    command.option('--maxcount <n>', 'events at most', integerOf(1, COUNT.max), COUNT.default);
  },
  work:
    ({ maxcount }) =>
    (manager) =>
      wholeList(manager, 'ListAuditEvents', Number(maxcount)),
};
