/** Measurements in the text format of Prometheus (version 0.0.4). It knows none of them. */
import type { MetricRows } from '../../operations/metrics/metric-rows.ts';

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Each metric with its help and type once, before its samples. */
export function metricsText(rows: MetricRows): string {
  const lines: string[] = [];
  let before = '';
  for (const { metric, type, help, sample, labels, value } of rows) {
    if (metric !== before) lines.push(`# HELP ${metric} ${escaped(help)}`, `# TYPE ${metric} ${type}`);
    before = metric;
    lines.push(`${sample}${labelsText(labels)} ${value}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const texts = Object.entries(labels).map(
    ([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`,
  );
  return texts.length === 0 ? '' : `{${texts.join(',')}}`;
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
