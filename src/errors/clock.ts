/** Errors of adjusting the time by hand, and of a cluster whose members do not agree yet. */
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
  CONFLICT_DOES_NOT_EXIST: row(
    2121,
    404,
    'There is no such conflict',
    'See "kma conflicts" for those there are. Of two things with one name delete one; then there is none any more.',
  ),
  NOT_YET_ALL_UPGRADED: row(
    2120,
    409,
    'Not all KMAs of the cluster can read what this would write',
    'Upgrade the KMAs that the detail names ("kma member list" shows what each reads), or delete those that are gone for good.',
  ),
} as const satisfies Record<string, ErrorRow>;
