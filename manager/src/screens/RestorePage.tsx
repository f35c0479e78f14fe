/** Restores a backup into the KMA one is connected to, where that is a new one: three files are sent, and a quorum of the backup opens them. Anywhere else it says where it is done. */
import { Alert, Button, Form, FormGroup, Title } from '@patternfly/react-core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { ask } from '../api/ask.ts';
import { call } from '../api/call.ts';
import { operation } from '../api/catalogue.ts';
import { QuorumFields } from '../forms/QuorumFields.tsx';
import { sealedQuorum } from '../forms/sealed-quorum.ts';
import { useCredentials } from '../forms/use-credentials.ts';
import { ProblemAlert } from '../shell/ProblemAlert.tsx';
import { useSession } from '../shell/session.tsx';
import { placeName, words } from '../texts/en.ts';
import { SCREEN_TEXTS } from '../texts/screens.ts';
import { RESTORE_PARTS, type RestorePart, sentFile } from './restore-files.ts';

interface Restored {
  readonly kmaName: string;
  readonly caKeySha256: string;
}

const LOOK_MS = 1_000;

export default function RestorePage() {
  const { data, error } = useQuery({
    queryKey: ['show', 'showRestoreFiles'],
    queryFn: ({ signal }) => ask('showRestoreFiles', {}, { signal }),
  });
  return (
    <>
      <Title headingLevel="h1">{placeName('/restore')}</Title>
      <p>{SCREEN_TEXTS.restoreWhere}</p>
      {error !== null && <ProblemAlert error={error} />}
      {data !== undefined && data.obstacle !== '' && (
        <Alert isInline variant="info" title={SCREEN_TEXTS.restoreNotHere}>
          {data.obstacle}
        </Alert>
      )}
      {data?.obstacle === '' && <RestoreForm />}
    </>
  );
}

function RestoreForm() {
  const id = useId();
  const session = useSession();
  const restore = operation('restoreFromFiles');
  const [files, setFiles] = useState<Partial<Record<RestorePart, File>>>({});
  const { credentials, setCredentials, cannotSeal } = useCredentials(true);
  const [doing, setDoing] = useState('');
  const restoring = useMutation({
    mutationFn: async () => {
      const hashes: Record<string, string> = {};
      for (const { part, field } of RESTORE_PARTS) {
        const file = files[part];
        if (file === undefined) throw new Error(SCREEN_TEXTS.restoreFiles[part]);
        hashes[field] = await sentFile(part, file, (percent) =>
          setDoing(SCREEN_TEXTS.sending(SCREEN_TEXTS.restoreFiles[part], percent)),
        );
      }
      setDoing(SCREEN_TEXTS.restoring);
      const quorum = await sealedQuorum(restore, hashes, credentials, session);
      const { waitsAt } = await call(restore, hashes, { quorum });
      return resultOf(waitsAt?.split('/').at(-1) ?? '');
    },
    onSuccess: () => setCredentials([]),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    restoring.mutate();
  };
  if (restoring.isSuccess) return <Done restored={restoring.data} />;
  return (
    <Form onSubmit={submit}>
      <Alert isInline variant="warning" title={SCREEN_TEXTS.restoreLost} />
      {restoring.error !== null && <ProblemAlert error={restoring.error} />}
      {RESTORE_PARTS.map(({ part }) => (
        <FormGroup key={part} label={SCREEN_TEXTS.restoreFiles[part]} fieldId={`${id}-${part}`} isRequired>
          <input
            id={`${id}-${part}`}
            type="file"
            required
            onChange={({ target: { files: chosen } }) =>
              setFiles(({ [part]: _, ...others }) =>
                chosen?.[0] ? { ...others, [part]: chosen[0] } : others,
              )
            }
          />
        </FormGroup>
      ))}
      <QuorumFields
        credentials={credentials}
        takesNew={false}
        hint={SCREEN_TEXTS.restoreQuorumHint}
        onChange={setCredentials}
      />
      <p aria-live="polite">{restoring.isPending ? doing : ''}</p>
      <Button
        type="submit"
        variant="danger"
        isLoading={restoring.isPending}
        isDisabled={restoring.isPending || cannotSeal}
      >
        {words(restore.id)}
      </Button>
    </Form>
  );
}

function Done({ restored }: { readonly restored: Restored }) {
  return (
    <Alert isInline isLiveRegion variant="success" title={SCREEN_TEXTS.restored(restored.kmaName)}>
      <p>{SCREEN_TEXTS.restoredNext}</p>
      <p>
        {SCREEN_TEXTS.newCaKey} <span className="okm-code">{restored.caKeySha256}</span>
      </p>
    </Alert>
  );
}

async function resultOf(job: string): Promise<Restored> {
  for (;;) {
    const { state, problem, detail, result } = await ask('showJob', { job });
    if (state === 'done') return result as Restored;
    if (state === 'failed') throw new Error([problem, detail].filter((text) => text !== '').join(': '));
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
