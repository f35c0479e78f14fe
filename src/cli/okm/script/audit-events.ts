/** "okm auditevents": the newest audit events, in UTC or in the time of this computer. It changes nothing. */
import { say } from '../../output.ts';
import { integerOf } from '../../whole-number.ts';
import type { Rows } from '../pages.ts';
import { flag } from './agent-options.ts';
import { addListOptions, listed } from './list-options.ts';
import { localDates } from './local-dates.ts';
import type { ScriptCommand } from './script-command.ts';

const COUNT = { default: 100, max: 100_000_000 } as const;

export const auditEventsCommand: ScriptCommand = {
  word: 'auditevents',
  description: 'Lists audit events, newest first (any role).',
  example: '--filter severity=error --maxcount 2000 --output events.txt',
  options(command) {
    command
      .option('--maxcount <n>', 'events at most', integerOf(1, COUNT.max), COUNT.default)
      .option('--localtimezone [flag]', 'dates in the time zone of this computer: true or false', flag);
    addListOptions(command);
  },
  work: (given) => (manager) => {
    const rowsMax = Number(given['maxcount']);
    const pages = toldWhereCut(listed(manager, 'ListAuditEvents', given, {}, { rowsMax }), rowsMax);
    return given['localtimezone'] === true ? inLocalTime(pages) : pages;
  },
};

/** A report that is not the whole log must not be taken for it. */
async function* toldWhereCut(pages: AsyncIterable<Rows>, rowsMax: number): AsyncGenerator<Rows> {
  let count = 0;
  for await (const rows of pages) {
    count += rows.length;
    yield rows;
  }
  if (count >= rowsMax) say(`the newest ${rowsMax} events; there may be more: --maxcount`);
}

async function* inLocalTime(pages: AsyncIterable<Rows>): AsyncGenerator<Rows> {
  for await (const rows of pages) yield rows.map(localDates);
}
