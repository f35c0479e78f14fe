/** What went wrong and what to do about it, in the KMA's own words. */
import { Alert } from '@patternfly/react-core';
import { Problem } from '../api/call.ts';
import type { Operation } from '../api/catalogue.ts';
import { TEXTS, words } from '../texts/en.ts';
import { Told } from './Told.tsx';

interface ProblemAlertProps {
  readonly error: unknown;
  /** What was asked: a field that the KMA names is told by what stands beside it in the form. */
  readonly of?: Operation;
}

export function ProblemAlert({ error, of }: ProblemAlertProps) {
  const message = error instanceof Error ? error.message : String(error);
  return (
    <Alert isInline variant="danger" title={of === undefined ? message : labelled(message, of)}>
      {error instanceof Problem ? <Told text={error.whatToDo} /> : null}
    </Alert>
  );
}

/** "encryptionPeriod: a number with ...", or of one line of a list "servers.1: ..." */
const FIELD = /(?<=: )([a-z]\w*)(?:\.(\d+))?(?=: )/;

function labelled(message: string, { id, fields, inPath }: Operation): string {
  const known = new Set([...inPath, ...fields.map(({ name }) => name)]);
  return message.replace(FIELD, (all, name: string, index?: string) => {
    if (!known.has(name)) return all;
    const label = `"${words(name, id)}"`;
    return index === undefined ? label : TEXTS.lineOf(label, Number(index) + 1);
  });
}
