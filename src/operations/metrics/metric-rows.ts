/** What a measurement of this KMA looks like, and how families of them are written down. It measures nothing. */
import { z } from 'zod';

/** Families of one name follow each other. */
export const metricRows = z.array(
  z.strictObject({
    /** Of the sample itself: that of the metric, or with _bucket, _sum or _count behind it. */
    sample: z.string(),
    labels: z.record(z.string(), z.string()),
    value: z.number(),
    metric: z.string(),
    type: z.enum(['counter', 'gauge', 'histogram']),
    help: z.string(),
  }),
);
export type MetricRows = z.infer<typeof metricRows>;
type Labels = Readonly<Record<string, string>>;

export function gauge(metric: string, help: string, value: number, labels: Labels = {}): MetricRows {
  return [{ sample: metric, labels: { ...labels }, value, metric, type: 'gauge', help }];
}

export function counter(
  metric: string,
  help: string,
  samples: readonly { readonly labels?: Labels; readonly value: number }[],
): MetricRows {
  return samples.map(({ labels = {}, value }) => ({
    sample: metric,
    labels: { ...labels },
    value,
    metric,
    type: 'counter',
    help,
  }));
}

/** How long calls took: `counts` of those up to each bound, and not of those above all. */
export interface Distribution {
  readonly labels: Labels;
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number;
}

export function histogram(metric: string, help: string, distributions: readonly Distribution[]): MetricRows {
  const kind = { metric, type: 'histogram', help } as const;
  return distributions.flatMap(({ labels, bounds, counts, count, sum }) => {
    let below = 0;
    const buckets = bounds.map((bound, i) => {
      below += counts[i] ?? 0;
      return { sample: `${metric}_bucket`, labels: { ...labels, le: String(bound) }, value: below, ...kind };
    });
    return [
      ...buckets,
      { sample: `${metric}_bucket`, labels: { ...labels, le: '+Inf' }, value: count, ...kind },
      { sample: `${metric}_sum`, labels: { ...labels }, value: sum, ...kind },
      { sample: `${metric}_count`, labels: { ...labels }, value: count, ...kind },
    ];
  });
}
