/** What went wrong and what to do about it, in the KMA's own words. */
import { Alert } from '@patternfly/react-core';
import { Problem } from '../api/call.ts';
import { Told } from './Told.tsx';

export function ProblemAlert({ error }: { readonly error: unknown }) {
  const message = error instanceof Error ? error.message : String(error);
  return (
    <Alert isInline variant="danger" title={message}>
      {error instanceof Problem ? <Told text={error.whatToDo} /> : null}
    </Alert>
  );
}
