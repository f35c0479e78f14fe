/** What agents asked of the KMA, hour by hour, as lines. It counts nothing itself. */
import { Card, CardBody, CardTitle } from '@patternfly/react-core';
import { useState } from 'react';
import type { RowOf } from '../api/types.ts';
import { useWatched } from '../api/watched.ts';
import { ProblemAlert } from '../shell/ProblemAlert.tsx';
import { words } from '../texts/en.ts';
import { SCREEN_TEXTS } from '../texts/screens.ts';
import { LineChart } from './LineChart.tsx';
import { type Span, SpanChoice } from './SpanChoice.tsx';

const SHOWN = ['createKey', 'retrieveKey', 'other', 'refused'] as const;
type Hour = Pick<RowOf<'listKmaPerformance'>, 'beganAt' | (typeof SHOWN)[number]>;

/** Of a month there are fewer. */
const HOURS_MAX = 1_000;
const HOUR_S = 3_600;
const LOOK_MS = 15_000;
const STYLE = { day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit' } as const;
const CLOCKS = {
  utc: new Intl.DateTimeFormat('en-GB', { ...STYLE, timeZone: 'UTC' }),
  local: new Intl.DateTimeFormat('en-GB', STYLE),
};

export default function PerformanceChart() {
  const [span, setSpan] = useState<Span>('day');
  const input = { span, limit: HOURS_MAX, sort: 'beganAt' };
  const { data, error } = useWatched('listKmaPerformance', input, LOOK_MS);
  const hours = data?.rows ?? [];
  return (
    <Card>
      <CardTitle component="h2">{SCREEN_TEXTS.callsByHour}</CardTitle>
      <CardBody>
        <SpanChoice span={span} onChange={setSpan} />
        {error !== null && <ProblemAlert error={error} />}
        {data !== undefined && hours.length === 0 && <p>{SCREEN_TEXTS.noCalls}</p>}
        {hours.length > 0 && (
          <LineChart labels={SHOWN.map((name) => words(name))} points={linesOf(hours)} timeText={hourText} />
        )}
      </CardBody>
    </Card>
  );
}

/** Hours in which nobody called are none of the rows, and zero in the chart; several rows of one hour are added up. */
export function linesOf(hours: readonly Hour[]): number[][] {
  const counts = new Map<number, number[]>();
  for (const hour of hours) {
    const at = Date.parse(hour.beganAt) / 1000;
    const before = counts.get(at) ?? SHOWN.map(() => 0);
    counts.set(
      at,
      SHOWN.map((name, index) => (before[index] ?? 0) + hour[name]),
    );
  }
  const known = [...counts.keys()];
  const [first, last] = [Math.min(...known) - HOUR_S, Math.max(...known) + HOUR_S];
  const times = Array.from({ length: (last - first) / HOUR_S + 1 }, (_, index) => first + index * HOUR_S);
  return [times, ...SHOWN.map((_, line) => times.map((at) => counts.get(at)?.[line] ?? 0))];
}

function hourText(seconds: number, utc: boolean): string {
  return CLOCKS[utc ? 'utc' : 'local'].format(seconds * 1000);
}
