/** Said in place of the fields for a quorum where this log-in cannot seal what is typed there: why, and the way to a new log-in and back to this place. */
import { Alert, Button } from '@patternfly/react-core';
import { useState } from 'react';
import { call, Problem } from '../api/call.ts';
import type { Sealing } from '../api/can-seal.ts';
import { operation } from '../api/catalogue.ts';
import { ProblemAlert } from '../shell/ProblemAlert.tsx';
import { TEXTS } from '../texts/en.ts';

export function LogInAnew({ because }: { readonly because: Exclude<Sealing, 'possible'> }) {
  const [leaving, setLeaving] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const leave = async () => {
    setLeaving(true);
    setFailure(null);
    try {
      await call(operation('logOut'), {});
    } catch (error) {
      // Whose session is over already is logged out.
      if (!(error instanceof Problem) || error.status !== 401) {
        setFailure(error);
        setLeaving(false);
        return;
      }
    }
    // The address stays, and the log-in leads to it.
    location.reload();
  };
  return (
    <Alert isInline variant="info" title={TEXTS.quorumNeedsLogIn}>
      <p>{because === 'forgotten' ? TEXTS.keyForgotten : TEXTS.otherWindow}</p>
      {failure !== null && <ProblemAlert error={failure} />}
      <Button variant="secondary" isDisabled={leaving} onClick={() => void leave()}>
        {TEXTS.logInAnew}
      </Button>
    </Alert>
  );
}
