/** What agents asked of each KMA as lines, or of one KMA by kind. It counts nothing itself, and says of whom nothing is known. */
import { Card, CardBody, CardTitle, FormSelect, FormSelectOption } from '@patternfly/react-core';
import { useState } from 'react';
import type { RowOf } from '../api/types.ts';
import { useWatched } from '../api/watched.ts';
import { ProblemAlert } from '../shell/ProblemAlert.tsx';
import { usePreferences } from '../shell/preferences.tsx';
import { words } from '../texts/en.ts';
import { SCREEN_TEXTS } from '../texts/screens.ts';
import { LineChart } from './LineChart.tsx';
import { knownUntil, type LineOf, linesOf } from './performance-lines.ts';
import { type Span, SpanChoice } from './SpanChoice.tsx';

const SHOWN = ['createKey', 'retrieveKey', 'other', 'refused', 'serverBusy'] as const;
type Row = RowOf<'listKmaPerformance'>;

/** Of one KMA a month has fewer hours, and of all KMAs that there may be a day has fewer, and a month fewer days. */
const ROWS_MAX = 1_000;
const STEPS_S = { hour: 3_600, day: 86_400 } as const;
/** An hour is told a minute or two after its end. */
const LATE_S = 2 * STEPS_S.hour;
const LOOK_MS = 15_000;
const STYLE = { day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit' } as const;
const CLOCKS = {
  utc: new Intl.DateTimeFormat('en-GB', { ...STYLE, timeZone: 'UTC' }),
  local: new Intl.DateTimeFormat('en-GB', STYLE),
};

export default function PerformanceChart() {
  const [span, setSpan] = useState<Span>('day');
  const [chosen, setChosen] = useState('');
  const members = (useWatched('listKmas', {}, LOOK_MS).data?.rows ?? []).map(({ kma }) => kma);
  const kma = members.length === 1 ? (members[0] ?? '') : chosen;
  const per: 'hour' | 'day' = kma === '' && (span === 'week' || span === 'month') ? 'day' : 'hour';
  const input = { span, per, limit: ROWS_MAX, sort: 'beganAt', filter: kma === '' ? [] : [`kma=${kma}`] };
  const { data, error } = useWatched('listKmaPerformance', input, LOOK_MS);
  const rows = data?.rows ?? [];
  return (
    <Card>
      <CardTitle component="h2">{SCREEN_TEXTS.callsBy[per]}</CardTitle>
      <CardBody>
        <SpanChoice span={span} onChange={setSpan} />
        {members.length > 1 && <KmaChoice kmas={members} kma={kma} onChange={setChosen} />}
        {error !== null && <ProblemAlert error={error} />}
        {data !== undefined && <Unknown rows={rows} kmas={kma === '' ? members : [kma]} />}
        {rows.length > 0 && <Lines rows={rows} kma={kma} stepS={STEPS_S[per]} />}
      </CardBody>
    </Card>
  );
}

interface KmaChoiceProps {
  readonly kmas: readonly string[];
  readonly kma: string;
  onChange(kma: string): void;
}

function KmaChoice({ kmas, kma, onChange }: KmaChoiceProps) {
  return (
    <div className="okm-bar">
      <FormSelect aria-label={SCREEN_TEXTS.kmaShown} value={kma} onChange={(_, next) => onChange(next)}>
        <FormSelectOption value="" label={SCREEN_TEXTS.allKmas} />
        {kmas.map((name) => (
          <FormSelectOption key={name} value={name} label={name} />
        ))}
      </FormSelect>
    </div>
  );
}

interface LinesProps {
  readonly rows: readonly Row[];
  readonly kma: string;
  readonly stepS: number;
}

function Lines({ rows, kma, stepS }: LinesProps) {
  const names = kma === '' ? [...knownUntil(rows).keys()] : SHOWN.map((name) => words(name));
  const lines: readonly LineOf<Row>[] =
    kma === ''
      ? names.map((name) => (row) => (row.kma === name ? row.agentRequests : null))
      : SHOWN.map((name) => (row) => row[name]);
  return <LineChart labels={names} points={linesOf(rows, lines, stepS)} timeText={hourText} />;
}

/** Which KMAs have told nothing of this time, or nothing of late. */
function Unknown({ rows, kmas }: { readonly rows: readonly Row[]; readonly kmas: readonly string[] }) {
  const { utc } = usePreferences();
  const until = knownUntil(rows);
  const silent = kmas.filter((name) => !until.has(name));
  const late = kmas.filter(
    (name) => (until.get(name) ?? Number.POSITIVE_INFINITY) < Date.now() / 1000 - LATE_S,
  );
  return (
    <>
      {silent.length > 0 && <p>{SCREEN_TEXTS.nothingKnown(silent.join(', '))}</p>}
      {late.map((name) => (
        <p key={name}>{SCREEN_TEXTS.countedUntil(name, hourText(until.get(name) ?? 0, utc))}</p>
      ))}
    </>
  );
}

function hourText(seconds: number, utc: boolean): string {
  return CLOCKS[utc ? 'utc' : 'local'].format(seconds * 1000);
}
