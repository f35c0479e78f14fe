/** The agents that ask most, as bars. It counts nothing itself. */
import { Card, CardBody, CardTitle } from '@patternfly/react-core';
import { useState } from 'react';
import { Link } from 'wouter';
import type { RowOf } from '../api/types.ts';
import { useWatched } from '../api/watched.ts';
import { ProblemAlert } from '../shell/ProblemAlert.tsx';
import { SCREEN_TEXTS } from '../texts/screens.ts';
import { type Span, SpanChoice } from './SpanChoice.tsx';

const COUNTED = ['createKey', 'retrieveKey', 'registerKwk', 'other', 'refused'] as const;
type Counts = Pick<RowOf<'listAgentPerformance'>, 'agent' | (typeof COUNTED)[number]>;

const AGENTS_MAX = 1_000;
const SHOWN_MAX = 15;
const LOOK_MS = 15_000;

export default function AgentChart() {
  const [span, setSpan] = useState<Span>('day');
  const { data, error } = useWatched('listAgentPerformance', { span, limit: AGENTS_MAX }, LOOK_MS);
  const all = busiest(data?.rows ?? []);
  const most = all[0]?.calls ?? 1;
  return (
    <Card>
      <CardTitle component="h2">{SCREEN_TEXTS.callsByAgent}</CardTitle>
      <CardBody>
        <SpanChoice span={span} onChange={setSpan} />
        {error !== null && <ProblemAlert error={error} />}
        {data !== undefined && all.length === 0 && <p>{SCREEN_TEXTS.noCalls}</p>}
        <ul className="okm-bars">
          {all.map(({ agent, calls }) => (
            <li key={agent}>
              <Link href={`/agents/${encodeURIComponent(agent)}`}>{agent}</Link>
              <meter aria-label={agent} max={most} value={calls} />
              <span>{calls}</span>
            </li>
          ))}
        </ul>
      </CardBody>
    </Card>
  );
}

function busiest(rows: readonly Counts[]): { readonly agent: string; readonly calls: number }[] {
  return rows
    .map((row) => ({ agent: row.agent, calls: COUNTED.reduce((sum, name) => sum + row[name], 0) }))
    .filter(({ calls }) => calls > 0)
    .sort((one, other) => other.calls - one.calls)
    .slice(0, SHOWN_MAX);
}
