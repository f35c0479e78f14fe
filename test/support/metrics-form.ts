/** A strict reader of Prometheus' text format (version 0.0.4): it throws where a line is not as the format has it. It knows no metric. */

export interface MetricFamily {
  readonly type: string;
  readonly samples: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"/y;
const SUFFIX = /_(bucket|sum|count)$/;

/** Each family has help and type before its samples, once; histograms are cumulative and end with +Inf. */
export function readMetrics(text: string): Map<string, MetricFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, MetricFamily>();
  let helped = '';
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const help = new RegExp(`^# HELP (${NAME}) (\\S.*)$`).exec(line);
    const type = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`).exec(line);
    if (help?.[1] !== undefined) helped = help[1];
    else if (type?.[1] !== undefined && type[2] !== undefined) {
      current = type[1];
      if (current !== helped) throw new Error(`${current} has no help`);
      if (families.has(current)) throw new Error(`${current} comes twice`);
      families.set(current, { type: type[2], samples: [] });
    } else families.get(current)?.samples.push(sampleOf(line, current, families.get(current)?.type));
  }
  for (const [name, family] of families) check(name, family);
  return families;
}

function sampleOf(line: string, family: string, type: string | undefined) {
  const match = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`).exec(line);
  const [, name = '', labels = '', number = ''] = match ?? [];
  const base = type === 'histogram' ? name.replace(SUFFIX, '') : name;
  if (match === null || base !== family) throw new Error(`not a sample of ${family}: ${line}`);
  if (!/^[+-]?(\d+(\.\d+)?(e[+-]?\d+)?|Inf)$/.test(number)) throw new Error(`not a number: ${line}`);
  return { name, labels: labelsOf(labels), value: Number(number.replace('Inf', 'Infinity')) };
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let at = 0; at < text.length; at = LABEL.lastIndex + 1) {
    LABEL.lastIndex = at;
    const [, name = '', value = ''] = LABEL.exec(text) ?? [];
    if (name === '' || name in labels) throw new Error(`bad labels: ${text}`);
    labels[name] = value;
    if (LABEL.lastIndex < text.length && text[LABEL.lastIndex] !== ',')
      throw new Error(`bad labels: ${text}`);
  }
  return labels;
}

function check(name: string, { type, samples }: MetricFamily): void {
  const seen = new Set(samples.map(({ name: sample, labels }) => `${sample} ${JSON.stringify(labels)}`));
  if (seen.size !== samples.length) throw new Error(`${name} has a sample twice`);
  if (type === 'counter' && !name.endsWith('_total')) throw new Error(`${name} counts, and does not say so`);
  if (type !== 'histogram') return;
  let below = 0;
  for (const { name: sample, labels, value } of samples) {
    if (!sample.endsWith('_bucket')) below = 0;
    else if (value < below || labels['le'] === undefined) throw new Error(`${name} is not cumulative`);
    else below = value;
  }
}
