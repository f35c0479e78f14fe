/** One value or field name as people read it: dates without fractions, yes and no, units, no control characters. JSON output never comes here. */
import { headingWords, isUnitWord, type UnitWord } from '../operations/heading.ts';

/** What a table or record shows for nothing. */
export const NOTHING = '-';

const ISO_DATE = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/;
const ISO_DATES = /\b(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z\b/g;
/** Names and tags come from agents and users; a terminal must not obey them. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const UNITS: Readonly<Record<UnitWord, (value: number) => string>> = {
  Bytes: bytesText,
  Percent: (value) => `${value} %`,
  Days: (value) => countText(value, 'day'),
  Hours: (value) => countText(value, 'hour'),
  Minutes: (value) => countText(value, 'minute'),
};
const ACRONYMS = new Set('kma id tls ca pem fips sha256 cpu kwk snmp hmp dns ntp'.split(' '));
/** Fields whose value is typed as it stands, and so is never broken or shortened. */
const COMMANDS: ReadonlySet<string> = new Set(['next', 'takeOther']);

export function isCommand(name: string): boolean {
  return COMMANDS.has(name);
}

/** Names come from the KMA that is asked. "kmaName" -> ["KMA", "name"]. */
export function headingTexts(name: string): string[] {
  return headingWords(name).map((word) => {
    const lower = printable(word).toLowerCase();
    return ACRONYMS.has(lower) ? lower.toUpperCase() : lower;
  });
}

export function valueText(name: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return NOTHING;
  if (Array.isArray(value)) return itemTexts(name, value).join(', ') || NOTHING;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return unitOf(name)?.(value) ?? String(value);
  if (typeof value === 'object') return printable(JSON.stringify(value));
  return printable(dateText(String(value)));
}

export function itemTexts(name: string, values: readonly unknown[]): string[] {
  return values.map((value) => valueText(name, value));
}

/** "2026-11-23T22:12:11.119Z" -> "2026-11-23 22:12:11Z"; other text as it is. */
export function dateText(text: string): string {
  return text.replace(ISO_DATE, '$1 $2Z');
}

/** As dateText, of dates within a sentence. */
export function datesText(text: string): string {
  return text.replace(ISO_DATES, '$1 $2Z');
}

export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

/** Of several lines, which stay. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** "1 agent", "2 agents". */
export function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function unitOf(name: string): ((value: number) => string) | undefined {
  const word = /[A-Z][a-z]+$/.exec(name)?.[0] ?? '';
  return isUnitWord(word) ? UNITS[word] : undefined;
}

const SIZES = ['bytes', 'kB', 'MB', 'GB', 'TB'];

function bytesText(bytes: number): string {
  let [size, unit] = [bytes, 0];
  while (size >= 1000 && unit < SIZES.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${SIZES[unit]}`;
}
