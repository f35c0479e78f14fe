/** Reads files back that somebody has saved, and confirms them to the KMA where they are what it made: only then do keys count as backed up. They go nowhere. */
import { Alert, Button, Form, FormGroup } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { call, type Input } from '../api/call.ts';
import { operation } from '../api/catalogue.ts';
import type { OperationId } from '../api/types.ts';
import { ProblemAlert } from '../shell/ProblemAlert.tsx';
import { TEXTS } from '../texts/en.ts';
import { sha256Of } from './file-hash.ts';

export interface SavedFile {
  readonly name: string;
  /** Field of the confirmation that takes its SHA-256. */
  readonly field: string;
  /** Upper-case hex; null where the KMA alone knows. */
  readonly sha256: string | null;
}

interface CheckSavedFilesProps {
  readonly files: readonly SavedFile[];
  readonly confirmation: OperationId;
  readonly input: Input;
}

export function CheckSavedFiles({ files, confirmation, input }: CheckSavedFilesProps) {
  const id = useId();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<Readonly<Record<string, File>>>({});
  const checking = useMutation({
    mutationFn: async () => {
      const hashes: Record<string, string> = {};
      for (const { name, field, sha256 } of files) {
        const file = chosen[field];
        hashes[field] = file === undefined ? '' : await sha256Of(file);
        if (sha256 !== null && hashes[field] !== sha256) throw new Error(TEXTS.otherFile(name));
      }
      return call(operation(confirmation), { ...input, ...hashes });
    },
    onSuccess: () => queries.invalidateQueries(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    checking.mutate();
  };
  if (checking.isSuccess) return <Alert isInline variant="success" title={TEXTS.filesConfirmed} />;
  return (
    <Form onSubmit={submit}>
      <p>{TEXTS.readBack}</p>
      {checking.error !== null && <ProblemAlert error={checking.error} />}
      {files.map(({ name, field }) => (
        <FormGroup key={field} label={name} fieldId={`${id}-${field}`} isRequired>
          <input
            id={`${id}-${field}`}
            type="file"
            required
            onChange={({ target }) => {
              const [file] = target.files ?? [];
              if (file !== undefined) setChosen((before) => ({ ...before, [field]: file }));
            }}
          />
        </FormGroup>
      ))}
      <Button type="submit" isLoading={checking.isPending} isDisabled={checking.isPending}>
        {TEXTS.checkFiles}
      </Button>
    </Form>
  );
}
