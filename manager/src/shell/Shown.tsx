/** One value as people read it: times with their zone, flags as words, long codes so that they can be compared. */
import { Label } from '@patternfly/react-core';
import { TEXTS, valueText, words } from '../texts/en.ts';
import { usePreferences } from './preferences.tsx';
import { Told } from './Told.tsx';

const NAMES_COMMAND = /"(?:kma|okm) /;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
const STATUS: Readonly<Record<string, 'danger' | 'warning' | 'success'>> = {
  error: 'danger',
  warning: 'warning',
};

/** Where a flag tells good from bad: which of both is bad. */
const BAD: Readonly<Record<string, boolean>> = {
  responding: false,
  locked: true,
  overdue: true,
  alarm: true,
};

export function Shown({ name, value }: { readonly name: string; readonly value: unknown }) {
  const { utc } = usePreferences();
  if (value === null || value === undefined || value === '') return <span>{TEXTS.none}</span>;
  if (typeof value === 'boolean') {
    const text = value ? TEXTS.yes : TEXTS.no;
    return name in BAD ? (
      <Label status={BAD[name] === value ? 'danger' : 'success'}>{text}</Label>
    ) : (
      <span>{text}</span>
    );
  }
  if (Array.isArray(value)) return <Several name={name} values={value} />;
  if (isPlain(value)) return <NameByName thing={value} />;
  if (typeof value === 'object') return <pre className="okm-pre">{JSON.stringify(value, null, 2)}</pre>;
  const text = valueText(name, String(value));
  if (TIME.test(text)) return <time dateTime={text}>{timeText(text, utc)}</time>;
  if (name === 'severity' && STATUS[text] !== undefined) return <Label status={STATUS[text]}>{text}</Label>;
  if (text.includes('\n')) return <pre className="okm-pre">{text}</pre>;
  if (NAMES_COMMAND.test(text))
    return (
      <span>
        <Told text={text} />
      </span>
    );
  return <span className={/^[0-9A-F]{16,}$/.test(text) ? 'okm-code' : undefined}>{text}</span>;
}

const STYLE = { dateStyle: 'medium', timeStyle: 'medium' } as const;
/** Made once, which takes longer than to write a hundred times by it. */
const formats = new Map<boolean, Intl.DateTimeFormat>();

function formatOf(utc: boolean): Intl.DateTimeFormat {
  const format =
    formats.get(utc) ?? new Intl.DateTimeFormat('en-GB', { ...STYLE, ...(utc ? { timeZone: 'UTC' } : {}) });
  formats.set(utc, format);
  return format;
}

export function timeText(text: string, utc: boolean): string {
  const format = formatOf(utc);
  return `${format.format(new Date(text))} ${format.resolvedOptions().timeZone}`;
}

/** Words in one line; things of several fields in a line each. */
function Several({ name, values }: { readonly name: string; readonly values: readonly unknown[] }) {
  if (!values.some(isThing))
    return <span>{values.map((one) => valueText(name, String(one))).join(', ') || TEXTS.none}</span>;
  return (
    <ul>
      {values.filter(isThing).map((thing) => (
        <li key={JSON.stringify(thing)}>
          {Object.entries(thing).map(([field, value], index) => (
            <span key={field}>
              {index > 0 && ', '}
              {words(field)}: <Shown name={field} value={value} />
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}

/** One thing inside another, such as what a job has made. */
function NameByName({ thing }: { readonly thing: Readonly<Record<string, unknown>> }) {
  return (
    <ul>
      {Object.entries(thing).map(([name, value]) => (
        <li key={name}>
          {words(name)}: <Shown name={name} value={value} />
        </li>
      ))}
    </ul>
  );
}

/** Nothing in it has parts of its own. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return isThing(value) && !Array.isArray(value) && !Object.values(value).some(isThing);
}

function isThing(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
