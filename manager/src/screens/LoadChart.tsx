/** What the KMA one is connected to does now, as lines that move on. It remembers nothing beyond this page. */
import { Card, CardBody, CardTitle } from '@patternfly/react-core';
import { useEffect, useState } from 'react';
import { useWatched } from '../api/watched.ts';
import { TEXTS, words } from '../texts/en.ts';
import { LineChart } from './LineChart.tsx';

const LOOK_MS = 2_000;
const POINTS = 150;
const SHOWN = ['createKeyPerSecond', 'retrieveKeyPerSecond', 'operationsPerSecond'] as const;
const CLOCKS = {
  utc: new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'UTC' }),
  local: new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' }),
};

export default function LoadChart() {
  const [points, setPoints] = useState<readonly (readonly number[])[]>([[], ...SHOWN.map(() => [])]);
  const { data } = useWatched('showCurrentLoad', {}, LOOK_MS);
  useEffect(() => {
    if (data === undefined) return;
    const next = [Date.now() / 1000, ...SHOWN.map((name) => data[name] ?? 0)];
    setPoints((before) => before.map((line, index) => [...line, next[index] ?? 0].slice(-POINTS)));
  }, [data]);
  return (
    <Card>
      <CardTitle component="h2">{TEXTS.loadNow}</CardTitle>
      <CardBody>
        <LineChart labels={SHOWN.map((name) => words(name))} points={points} timeText={clockText} />
      </CardBody>
    </Card>
  );
}

function clockText(seconds: number, utc: boolean): string {
  return CLOCKS[utc ? 'utc' : 'local'].format(seconds * 1000);
}
