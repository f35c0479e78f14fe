/** What the KMA one is connected to does now, as a line that moves on. It remembers nothing beyond this page. */
import 'uplot/dist/uPlot.min.css';
import { Card, CardBody, CardTitle } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { ask } from '../api/ask.ts';
import { TEXTS, words } from '../texts/en.ts';

const LOOK_MS = 2_000;
const POINTS = 150;
const SHOWN = ['createKeyPerSecond', 'retrieveKeyPerSecond', 'operationsPerSecond'] as const;
const COLORS = ['#0066cc', '#63993d', '#ca6c0f'] as const;
const HEIGHT_PX = 220;
/** Readable on light and on dark. */
const TEXT_COLOR = '#7d8790';
const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'UTC' });

export default function LoadChart() {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const points = useRef<number[][]>([[], ...SHOWN.map(() => [])]);
  const { data } = useQuery({
    queryKey: ['load'],
    queryFn: () => ask('showCurrentLoad', {}, { unattended: true }),
    refetchInterval: LOOK_MS,
    staleTime: 0,
  });
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const options: uPlot.Options = {
      width: element.clientWidth,
      height: HEIGHT_PX,
      series: [
        {},
        ...SHOWN.map((name, index) => ({ label: words(name), stroke: COLORS[index] ?? '#000', width: 2 })),
      ],
      axes: [
        { stroke: TEXT_COLOR, values: (_, seconds) => seconds.map((at) => CLOCK.format(at * 1000)) },
        { stroke: TEXT_COLOR },
      ],
      scales: { y: { range: (_, __, most) => [0, Math.max(1, most)] } },
    };
    const made = new uPlot(options, points.current as uPlot.AlignedData, element);
    chart.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
    };
  }, []);
  useEffect(() => {
    if (data === undefined) return;
    const next = [Date.now() / 1000, ...SHOWN.map((name) => data[name] ?? 0)];
    points.current = points.current.map((line, index) => [...line, next[index] ?? 0].slice(-POINTS));
    // One point has no axis yet.
    if ((points.current[0]?.length ?? 0) > 1) chart.current?.setData(points.current as uPlot.AlignedData);
  }, [data]);
  return (
    <Card>
      <CardTitle component="h2">{TEXTS.loadNow}</CardTitle>
      <CardBody>
        <div ref={place} className="okm-chart" />
      </CardBody>
    </Card>
  );
}
