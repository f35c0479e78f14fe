/** Lines over the time, drawn as they come and as wide as there is room. It asks nothing. */
import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { usePreferences } from '../shell/preferences.tsx';

export interface LineChartProps {
  readonly labels: readonly string[];
  /** Seconds, then the values of each line; null where there is a gap in it. */
  readonly points: readonly (readonly (number | null)[])[];
  /** Of the axis, from seconds. */
  timeText(seconds: number, utc: boolean): string;
}

const COLORS = ['#0066cc', '#63993d', '#ca6c0f', '#b1380b', '#5e40be', '#147878', '#876fd4'] as const;
/** Of more lines than there are colours. */
const DASH_PX = [8, 4];
const HEIGHT_PX = 220;
/** As wide as the longest text of a tick. */
const TICK_PX = 130;
/** Readable on light and on dark. */
const TEXT_COLOR = '#7d8790';

export function LineChart({ labels, points, timeText }: LineChartProps) {
  const { utc } = usePreferences();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const names = labels.join('\n');
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const text = (seconds: number) => timeText(seconds, utc);
    const options: uPlot.Options = {
      width: element.clientWidth,
      height: HEIGHT_PX,
      series: [
        { value: (_, seconds) => (seconds == null ? '--' : text(seconds)) },
        ...names.split('\n').map((label, index) => ({
          label,
          stroke: COLORS[index % COLORS.length] ?? '#000',
          width: 2,
          ...(index < COLORS.length ? {} : { dash: DASH_PX }),
        })),
      ],
      axes: [
        { stroke: TEXT_COLOR, space: TICK_PX, values: (_, seconds) => seconds.map(text) },
        { stroke: TEXT_COLOR },
      ],
      scales: { y: { range: (_, __, most) => [0, Math.max(1, most)] } },
    };
    const made = new uPlot(options, [[], ...names.split('\n').map(() => [])], element);
    chart.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
    };
  }, [names, timeText, utc]);
  useEffect(() => {
    // One point has no axis yet.
    if ((points[0]?.length ?? 0) > 1) chart.current?.setData(points as unknown as uPlot.AlignedData);
  });
  return <div ref={place} className="okm-chart" />;
}
