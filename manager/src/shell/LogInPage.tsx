/** The log-in: name and passphrase, of which the second leaves this page only as a proof. */
import { Alert, Button, Card, CardBody, CardTitle, Form, FormGroup, TextInput } from '@patternfly/react-core';
import { type FormEvent, useState } from 'react';
import type { Problem } from '../api/call.ts';
import { logIn, NotTheKma } from '../api/log-in.ts';
import { TEXTS } from '../texts/en.ts';
import { ProblemAlert } from './ProblemAlert.tsx';

interface LogInPageProps {
  /** A session has just ended. */
  readonly over: boolean;
  readonly unreachable: Problem | null;
  onLogIn(sealingKey: string): Promise<void>;
}

export function LogInPage({ over, unreachable, onLogIn }: LogInPageProps) {
  const [user, setUser] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [proving, setProving] = useState(false);
  const [failure, setFailure] = useState<unknown>(unreachable);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setProving(true);
    setFailure(null);
    logIn(user, passphrase)
      .then(onLogIn)
      .catch((error: unknown) => {
        setFailure(error);
        setProving(false);
      })
      .finally(() => setPassphrase(''));
  };
  return (
    <main className="okm-log-in">
      <Card>
        <CardTitle component="h1">{TEXTS.product}</CardTitle>
        <CardBody>
          <Form onSubmit={submit}>
            {over && failure === null && <Alert isInline variant="info" title={TEXTS.sessionOver} />}
            {failure !== null && <Failure error={failure} />}
            <FormGroup label={TEXTS.user} fieldId="user" isRequired>
              <TextInput
                id="user"
                autoComplete="username"
                isRequired
                value={user}
                onChange={(_, value) => setUser(value)}
              />
            </FormGroup>
            <FormGroup label={TEXTS.passphrase} fieldId="passphrase" isRequired>
              <TextInput
                id="passphrase"
                type="password"
                autoComplete="current-password"
                isRequired
                value={passphrase}
                onChange={(_, value) => setPassphrase(value)}
              />
            </FormGroup>
            <Button
              type="submit"
              isLoading={proving}
              isDisabled={proving || user === '' || passphrase === ''}
            >
              {proving ? TEXTS.proving : TEXTS.logIn}
            </Button>
            <small>{TEXTS.logInHint}</small>
          </Form>
        </CardBody>
      </Card>
    </main>
  );
}

function Failure({ error }: { readonly error: unknown }) {
  if (error instanceof NotTheKma) return <Alert isInline variant="danger" title={TEXTS.notTheKma} />;
  return <ProblemAlert error={error} />;
}
