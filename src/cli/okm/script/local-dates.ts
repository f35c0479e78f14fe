/** Dates of a row in the time zone of this computer, with its distance from UTC, so that they stay dates. It changes nothing else. */
type Fields = Readonly<Record<string, unknown>>;

const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

export function localDates(row: Fields): Fields {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      name.endsWith('At') && typeof value === 'string' && UTC.test(value)
        ? localText(new Date(value))
        : value,
    ]),
  );
}

function localText(date: Date): string {
  const ahead = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + ahead * 60_000).toISOString().slice(0, -'.000Z'.length);
  const [hours, minutes] = [Math.trunc(Math.abs(ahead) / 60), Math.abs(ahead) % 60];
  return `${local}${ahead < 0 ? '-' : '+'}${twoDigits(hours)}:${twoDigits(minutes)}`;
}

const twoDigits = (n: number): string => String(n).padStart(2, '0');
