/** The form of any operation, out of its description: fields, credentials where a quorum is needed, a warning where something is lost. The KMA checks every value. */
import {
  Alert,
  Button,
  Form,
  FormGroup,
  FormHelperText,
  HelperText,
  HelperTextItem,
  Modal,
  ModalBody,
  ModalFooter,
  ModalHeader,
  TextInput,
} from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { type Answer, call, type Input } from '../api/call.ts';
import { type Field, type Operation, operation } from '../api/catalogue.ts';
import { useSelf } from '../api/self.ts';
import type { OperationId } from '../api/types.ts';
import { ProblemAlert } from '../shell/ProblemAlert.tsx';
import { useSession } from '../shell/session.tsx';
import { Told } from '../shell/Told.tsx';
import { useToast } from '../shell/toasts.tsx';
import { LOST, OF_THE_KMA, REVERSIBLE, TEXTS, words } from '../texts/en.ts';
import { FieldInput } from './FieldInput.tsx';
import { LossNumbers } from './LossNumbers.tsx';
import { QuorumFields } from './QuorumFields.tsx';
import { useQuorumHint } from './quorum-hint.ts';
import { ResultView } from './ResultView.tsx';
import { sealedQuorum } from './sealed-quorum.ts';
import { useCredentials } from './use-credentials.ts';

interface OperationFormProps {
  readonly id: OperationId;
  readonly known: Input;
  readonly version: string | null;
  /** What the fields hold at first, in place of what is there now. */
  readonly proposed?: Input;
  /** In place of the operation's name and summary. */
  readonly title?: string;
  readonly about?: string;
  onClose(): void;
  /** It was carried out, or waits somewhere to be. */
  onDone?(answer: Answer): void;
}

export default function OperationForm(props: OperationFormProps) {
  const { id, proposed = {}, onClose, onDone } = props;
  // As they were when it was opened: what others change meanwhile is not taken back by what somebody did not touch.
  const [{ known, version }] = useState({ known: props.known, version: props.version });
  const wanted = operation(id);
  const { title = words(id), about = wanted.summary } = props;
  const session = useSession();
  const queries = useQueryClient();
  const toast = useToast();
  const formId = useId();
  const fields = fieldsOf(wanted, known);
  const [values, setValues] = useState<Input>(() => ({
    ...initialValues(wanted, fields, known),
    ...proposed,
  }));
  const { credentials, setCredentials, cannotSeal } = useCredentials(wanted.quorum !== false);
  const [typed, setTyped] = useState('');
  const takesNew = id === 'modifyKeySplit';
  const hint = useQuorumHint(wanted.quorum !== false, takesNew);
  const lost = LOST[id];
  const self = useSelf();
  // Undefined until the KMA has said its own.
  const name = lost === undefined ? null : OF_THE_KMA.has(id) ? self?.kma : nameOf(wanted, known);
  const doing = useMutation({
    mutationFn: async () => {
      const input = inputOf(wanted, fields, known, values);
      const quorum = await sealedQuorum(wanted, input, credentials, session);
      return call(wanted, input, { version: wanted.isVersioned ? version : null, quorum });
    },
    onSuccess: (answer) => {
      void queries.invalidateQueries();
      setCredentials([]);
      toast(toastOf(id, answer));
      onDone?.(answer);
      if (!isWorthShowing(answer)) onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    doing.mutate();
  };
  const unconfirmed = name !== null && typed !== name;
  const unchanged = wanted.method === 'PATCH' && !isChange(wanted, inputOf(wanted, fields, known, values));
  if (doing.isSuccess) return <ResultView title={title} body={doing.data.body} of={id} onClose={onClose} />;
  return (
    <Modal isOpen variant="medium" onClose={onClose} aria-labelledby={`${formId}-title`}>
      <ModalHeader title={title} labelId={`${formId}-title`} description={<Told text={about} />} />
      <ModalBody>
        <Form id={formId} data-operation={id} onSubmit={submit} noValidate={false}>
          {lost !== undefined && (
            <Alert isInline variant="warning" title={lost}>
              <LossNumbers id={id} known={known} />
              {REVERSIBLE.has(id) ? null : TEXTS.cannotUndo}
            </Alert>
          )}
          {doing.error !== null && <ProblemAlert error={doing.error} of={wanted} />}
          {fields.map((field) => (
            <FormGroup
              key={field.name}
              label={words(field.name, id)}
              fieldId={`${formId}-${field.name}`}
              isRequired={field.required}
              {...(field.kind === 'list' && field.choices !== undefined ? { role: 'group' } : {})}
            >
              <FieldInput
                id={`${formId}-${field.name}`}
                field={field}
                operation={wanted}
                value={values[field.name]}
                values={{ ...known, ...values }}
                onChange={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
              />
              {saysMore(field, id) && (
                <FormHelperText>
                  <HelperText>
                    <HelperTextItem>{field.description}</HelperTextItem>
                  </HelperText>
                </FormHelperText>
              )}
            </FormGroup>
          ))}
          {wanted.quorum !== false && (
            <QuorumFields
              credentials={credentials}
              onChange={setCredentials}
              takesNew={takesNew}
              hint={hint}
            />
          )}
          {typeof name === 'string' && (
            <FormGroup label={TEXTS.typeToConfirm(name)} fieldId={`${formId}-confirm`} isRequired>
              <TextInput
                id={`${formId}-confirm`}
                value={typed}
                autoComplete="off"
                onChange={(_, value) => setTyped(value)}
              />
            </FormGroup>
          )}
        </Form>
      </ModalBody>
      <ModalFooter>
        {unchanged && <small>{TEXTS.unchanged}</small>}
        <Button
          type="submit"
          form={formId}
          variant={lost === undefined ? 'primary' : 'danger'}
          isLoading={doing.isPending}
          isDisabled={doing.isPending || unconfirmed || unchanged || cannotSeal}
        >
          {title}
        </Button>
        <Button variant="link" onClick={onClose}>
          {TEXTS.cancel}
        </Button>
      </ModalFooter>
    </Modal>
  );
}

/** "user ID" below "User ID", or "key policy ID" below "Key policy", would say nothing. */
function saysMore({ name, description }: Field, of: OperationId): boolean {
  const label = words(name, of);
  const said = [label, `${label} ID`, words(name), name].map((text) => text.toLowerCase());
  return description !== '' && !said.includes(description.toLowerCase());
}

/** What somebody fills in: all that the row does not say already. */
function fieldsOf({ inPath, fields }: Operation, known: Input): Field[] {
  const missing = inPath.filter((name) => known[name] === undefined);
  const named: Field[] = missing.map((name) => ({ name, kind: 'text', required: true, description: '' }));
  return [...named, ...fields];
}

function initialValues({ method }: Operation, fields: readonly Field[], known: Input): Input {
  const changes = method === 'PATCH' || method === 'PUT';
  return Object.fromEntries(
    fields.map(({ name, initial, kind, required }) => {
      if (changes && kind !== 'secret' && known[name] !== undefined) return [name, known[name]];
      // A switch that nobody touches says no.
      return [name, initial ?? (kind === 'flag' && required ? false : undefined)];
    }),
  );
}

/** Of a change only what is changed; a text that was left empty is none. */
function inputOf(
  { method, inPath }: Operation,
  fields: readonly Field[],
  known: Input,
  values: Input,
): Input {
  const given = fields.filter(({ name, required }) => {
    const value = values[name];
    // What was something may become nothing in a change of parts; where all is given anew, nothing is left out.
    const wasEmpty = (known[name] ?? '') === '';
    if (value === undefined || (value === '' && !required && (wasEmpty || method !== 'PATCH'))) return false;
    return method !== 'PATCH' || JSON.stringify(value) !== JSON.stringify(known[name]);
  });
  return {
    ...Object.fromEntries(inPath.map((name) => [name, known[name] ?? values[name]])),
    ...Object.fromEntries(given.map(({ name }) => [name, withoutEmptyLines(values[name])])),
  };
}

/** Whoever ends the last line with Enter means nothing by it. */
function withoutEmptyLines(value: unknown): unknown {
  return Array.isArray(value) ? value.filter((line) => line !== '') : value;
}

/** More than what the path names. */
function isChange({ inPath }: Operation, input: Input): boolean {
  return Object.keys(input).length > inPath.length;
}

/** What somebody types to show that he means it. */
function nameOf({ inPath }: Operation, known: Input): string | null {
  const value = inPath.map((name) => known[name]).find((one) => typeof one === 'string' && one !== '');
  return typeof value === 'string' ? value : null;
}

function toastOf(id: string, { waitsAt }: Answer) {
  const title = `${words(id)}: ${waitsAt === null ? TEXTS.done : waitsAt.includes('/jobs/') ? TEXTS.begun : TEXTS.waits}`;
  if (waitsAt === null) return { title };
  const to = waitsAt.replace(/^\/v1/, '');
  return { title, link: { to, text: to.startsWith('/jobs/') ? TEXTS.follow : TEXTS.seePending } };
}

function isWorthShowing({ body, waitsAt }: Answer): boolean {
  return waitsAt === null && typeof body === 'object' && body !== null && Object.keys(body).length > 0;
}
