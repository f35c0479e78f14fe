/** How far long work is, and in the end whether it is done. The KMA does it: a page that is left or loaded anew ends nothing. */
import { Alert, Progress } from '@patternfly/react-core';
import { Told } from '../shell/Told.tsx';
import { SCREEN_TEXTS } from '../texts/screens.ts';
import type { ThingProps } from './beside.ts';

const WHOLE = 100;

export function JobProgress({ thing }: ThingProps) {
  const [state, doing, detail] = [thing['state'], thing['doing'], thing['detail']];
  const [done, total] = [Number(thing['done'] ?? 0), Number(thing['total'] ?? 0)];
  if (state === 'failed')
    return (
      <Alert isInline variant="danger" title={SCREEN_TEXTS.jobFailed}>
        <p>
          {[thing['problem'], detail].filter((text) => typeof text === 'string' && text !== '').join(': ')}
        </p>
        <Told text={String(thing['whatToDo'] ?? '')} />
      </Alert>
    );
  if (state === 'done') return <Alert isInline variant="success" title={SCREEN_TEXTS.jobDone} />;
  return (
    <Progress
      title={String(doing ?? '') || SCREEN_TEXTS.progress}
      value={total === 0 ? 0 : Math.floor((WHOLE * done) / total)}
    />
  );
}
