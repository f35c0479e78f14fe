/** Errors of adjusting the time by hand. */
import { type ErrorRow, row } from './row.ts';

export const CLOCK_ERRORS = {
  CLOCK_ADJUSTED_TODAY: row(
    2095,
    409,
    'The time was adjusted within the last day',
    'Wait until "kma time show" says that it is adjustable. Where it is far off set the clock of the machine.',
  ),
  CLOCK_TOO_FAR_OFF: row(
    2096,
    409,
    'All adjustments together would be more than half a day',
    'Set the clock of the machine; what was adjusted is then moved back day by day.',
  ),
  CLOCK_BEHIND_RECORDS: row(
    2097,
    409,
    'The time would fall too far behind the last record',
    'Wait until the time has passed the last record, or move it back by less.',
  ),
} as const satisfies Record<string, ErrorRow>;
