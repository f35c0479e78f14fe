/** A secret that somebody makes up: typed twice, with the rules of the KMA as one types where it is a passphrase. It is shown nowhere. */
import { FormGroup, HelperText, HelperTextItem, TextInput } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { call } from '../api/call.ts';
import { type Field, operation } from '../api/catalogue.ts';
import { TEXTS } from '../texts/en.ts';
import { rulesFor } from './passphrase-rules.ts';

interface SecretInputProps {
  readonly id: string;
  readonly field: Field;
  readonly label: string;
  readonly value: unknown;
  /** Whose passphrase it will be; null where other rules hold, which the field's description says. */
  readonly name: string | null;
  onChange(value: string | undefined): void;
}

export function SecretInput({ id, field, label, value, name, onChange }: SecretInputProps) {
  const [again, setAgain] = useState('');
  const typed = typeof value === 'string' ? value : '';
  const differs = typed !== again;
  const second = useRef<HTMLInputElement>(null);
  // The browser itself keeps the form from being sent, and says why.
  useEffect(() => second.current?.setCustomValidity(differs ? TEXTS.secretsDiffer : ''), [differs]);
  return (
    <>
      <TextInput
        id={id}
        type="password"
        autoComplete="new-password"
        isRequired={field.required}
        {...(name === null ? {} : { 'aria-describedby': `${id}-rules` })}
        value={typed}
        onChange={(_, next) => onChange(next === '' ? undefined : next)}
      />
      {name !== null && (
        <HelperText id={`${id}-rules`} component="ul" aria-label={TEXTS.rulesOf(label)}>
          <Rules typed={typed} name={name} />
        </HelperText>
      )}
      <FormGroup
        className="okm-again"
        label={TEXTS.onceMore(label)}
        fieldId={`${id}-again`}
        isRequired={field.required}
      >
        <TextInput
          id={`${id}-again`}
          type="password"
          autoComplete="new-password"
          isRequired={field.required || typed !== ''}
          ref={second}
          validated={differs && again !== '' ? 'error' : 'default'}
          value={again}
          onChange={(_, next) => setAgain(next)}
        />
        {differs && again !== '' && (
          <HelperText isLiveRegion>
            <HelperTextItem variant="error">{TEXTS.secretsDiffer}</HelperTextItem>
          </HelperText>
        )}
      </FormGroup>
    </>
  );
}

function Rules({ typed, name }: { readonly typed: string; readonly name: string }) {
  const parameters = operation('showSecurityParameters');
  const { data } = useQuery({
    queryKey: ['show', parameters.id],
    queryFn: async () =>
      (await call(parameters, {}, { unattended: true })).body as { readonly passphraseMinimumLength: number },
  });
  return rulesFor(typed, name, data?.passphraseMinimumLength).map(({ text, kept }) => (
    <HelperTextItem
      key={text}
      component="li"
      variant={typed === '' ? 'indeterminate' : kept ? 'success' : 'error'}
    >
      {text}
    </HelperTextItem>
  ));
}
