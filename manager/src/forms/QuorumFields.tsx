/** Names and passphrases of a quorum, for one request; they leave this page only sealed to the KMA's core. */
import {
  Button,
  Checkbox,
  FormFieldGroup,
  FormFieldGroupHeader,
  FormGroup,
  TextInput,
} from '@patternfly/react-core';
import { useId } from 'react';
import { useSealing } from '../api/can-seal.ts';
import type { Credential } from '../proof/sealed-credentials.ts';
import { TEXTS } from '../texts/en.ts';
import { LogInAnew } from './LogInAnew.tsx';

interface QuorumFieldsProps {
  readonly credentials: readonly Credential[];
  /** Credentials of a key split that is to be made may be among them. */
  readonly takesNew: boolean;
  /** What is known of how many are needed. */
  readonly hint?: string;
  onChange(credentials: readonly Credential[]): void;
}

const EMPTY: Credential = { name: '', passphrase: '' };

export function QuorumFields({
  credentials,
  takesNew,
  hint = TEXTS.quorumHint,
  onChange,
}: QuorumFieldsProps) {
  const id = useId();
  const sealing = useSealing();
  const shown = credentials.length === 0 ? [EMPTY] : credentials;
  const change = (at: number, changed: Partial<Credential>) =>
    onChange(shown.map((one, index) => (index === at ? { ...one, ...changed } : one)));
  const header = (
    <FormFieldGroupHeader titleText={{ text: TEXTS.quorum, id: `${id}-title` }} titleDescription={hint} />
  );
  if (sealing !== 'possible')
    return (
      <FormFieldGroup header={header}>
        <LogInAnew because={sealing} />
      </FormFieldGroup>
    );
  return (
    <FormFieldGroup header={header}>
      {shown.map((credential, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows are only added at the end
        <div className="okm-bar" key={index}>
          <FormGroup label={TEXTS.credentialName(index + 1)} fieldId={`${id}-name-${index}`}>
            <TextInput
              id={`${id}-name-${index}`}
              autoComplete="off"
              value={credential.name}
              onChange={(_, name) => change(index, { name })}
            />
          </FormGroup>
          <FormGroup label={TEXTS.credentialPassphrase(index + 1)} fieldId={`${id}-passphrase-${index}`}>
            <TextInput
              id={`${id}-passphrase-${index}`}
              type="password"
              autoComplete="off"
              value={credential.passphrase}
              onChange={(_, passphrase) => change(index, { passphrase })}
            />
          </FormGroup>
          {takesNew && (
            <Checkbox
              id={`${id}-new-${index}`}
              label={TEXTS.newKeySplit}
              isChecked={credential.new === true}
              onChange={(_, on) =>
                onChange(
                  shown.map(({ name, passphrase, new: was }, at) => {
                    const isNew = at === index ? on : was === true;
                    return isNew ? { name, passphrase, new: true } : { name, passphrase };
                  }),
                )
              }
            />
          )}
        </div>
      ))}
      <Button variant="link" onClick={() => onChange([...shown, EMPTY])}>
        {TEXTS.oneMore}
      </Button>
    </FormFieldGroup>
  );
}
