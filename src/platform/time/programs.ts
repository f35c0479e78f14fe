/** Where chronyd and chronyc are looked for: also where only the administrator's path leads. It starts neither. */

export const CHRONY_PACKAGE = 'chrony';

/** Their messages in English, since they are read. */
export const PROGRAM_ENVIRONMENT = {
  PATH: [process.env['PATH'] ?? '', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(':'),
  LC_ALL: 'C',
};

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
