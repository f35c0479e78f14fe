/** Approves what waits for a quorum: the exact text, a code to compare aloud, and the credentials of who approves. It approves nothing that it has not shown. */
import { Alert, Button, Card, CardBody, CardTitle, Form } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { call } from '../api/call.ts';
import { mayCall, operation } from '../api/catalogue.ts';
import { useSelf } from '../api/self.ts';
import type { OutputOf } from '../api/types.ts';
import { QuorumFields } from '../forms/QuorumFields.tsx';
import { sealedQuorum } from '../forms/sealed-quorum.ts';
import { useCredentials } from '../forms/use-credentials.ts';
import { whyNot } from '../forms/why-not.ts';
import { ProblemAlert } from '../shell/ProblemAlert.tsx';
import { useSession } from '../shell/session.tsx';
import { Told } from '../shell/Told.tsx';
import { useToast } from '../shell/toasts.tsx';
import { TEXTS } from '../texts/en.ts';
import { SCREEN_TEXTS } from '../texts/screens.ts';
import type { ThingProps } from './beside.ts';

export default function PendingApproval({ thing }: ThingProps) {
  const pending = thing as unknown as OutputOf<'showPendingOperation'>;
  const session = useSession();
  const queries = useQueryClient();
  const toast = useToast();
  const approve = operation('approvePendingOperation');
  const mayApprove = mayCall(approve.id, session.roles);
  const { credentials, setCredentials } = useCredentials(mayApprove);
  const why = whyNot(approve, { ...pending }, useSelf());
  const doing = useMutation({
    mutationFn: async () => {
      const input = { pendingId: pending.pendingId, textSha256: pending.textSha256 };
      const quorum = await sealedQuorum(approve, input, credentials, session);
      return call(approve, input, { quorum });
    },
    onSuccess: () => {
      setCredentials([]);
      toast({ title: `${TEXTS.approve}: ${TEXTS.done}` });
      void queries.invalidateQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    doing.mutate();
  };
  return (
    <Card>
      <CardTitle component="h2">{TEXTS.approveText}</CardTitle>
      <CardBody>
        <pre className="okm-pre">{pending.text}</pre>
        <p>{TEXTS.compareCode}</p>
        <p className="okm-comparison">{pending.code}</p>
        <p>{TEXTS.approvals(pending.counting, pending.needed)}</p>
        {pending.obstacle !== '' && (
          <Alert isInline variant="warning" title={<Told text={pending.obstacle} />} />
        )}
        {mayApprove && why !== null && <Alert isInline variant="info" title={why} />}
        {mayApprove && why === null && (
          <Form onSubmit={submit} data-operation={approve.id}>
            {doing.error !== null && <ProblemAlert error={doing.error} />}
            <QuorumFields
              credentials={credentials}
              takesNew={false}
              hint={SCREEN_TEXTS.approvalHint(pending.needed - pending.counting)}
              onChange={setCredentials}
            />
            <Button
              type="submit"
              isLoading={doing.isPending}
              isDisabled={doing.isPending || credentials.length === 0}
            >
              {TEXTS.approve}
            </Button>
          </Form>
        )}
      </CardBody>
    </Card>
  );
}
