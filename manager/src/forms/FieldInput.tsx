/** One field of a form, by its kind. */
import { Checkbox, FormSelect, FormSelectOption, Switch, TextArea, TextInput } from '@patternfly/react-core';
import type { Input } from '../api/call.ts';
import type { Field, Operation } from '../api/catalogue.ts';
import { TEXTS, valueText, words } from '../texts/en.ts';
import { NameInput } from './NameInput.tsx';
import { PemInput } from './PemInput.tsx';
import { namedBy } from './passphrase-rules.ts';
import { SecretInput } from './SecretInput.tsx';
import { sourceOf } from './suggestions.ts';

/** From so many characters on a text has lines. */
const LONG_TEXT = 4096;

interface FieldInputProps {
  readonly id: string;
  readonly field: Field;
  readonly operation: Operation;
  readonly value: unknown;
  /** All that is known of the input by now. */
  readonly values: Input;
  onChange(value: unknown): void;
}

export function FieldInput(props: FieldInputProps) {
  const { id, field, operation, value, values, onChange } = props;
  const { kind, name, required, choices, minimum, maximum, maximumLength = 0 } = field;
  const label = words(name, operation.id);
  if (kind === 'flag')
    return (
      <Switch
        id={id}
        label={value === true ? TEXTS.yes : TEXTS.no}
        aria-label={label}
        isChecked={value === true}
        onChange={(_, on) => onChange(on)}
      />
    );
  if (kind === 'choice')
    return (
      <FormSelect
        id={id}
        value={value ?? ''}
        isRequired={required}
        onChange={(_, next) => onChange(next === '' ? undefined : next)}
      >
        {(!required || value === undefined) && <FormSelectOption value="" label={TEXTS.none} />}
        {choices?.map((choice) => (
          <FormSelectOption key={choice} value={choice} label={valueText(name, choice)} />
        ))}
      </FormSelect>
    );
  if (kind === 'list') return <ListInput {...props} />;
  if (kind === 'integer')
    return (
      <TextInput
        id={id}
        type="number"
        isRequired={required}
        value={typeof value === 'number' ? value : ''}
        {...(minimum === undefined ? {} : { min: minimum })}
        {...(maximum === undefined ? {} : { max: maximum })}
        onChange={(_, next) => onChange(next === '' ? undefined : Number(next))}
      />
    );
  if (kind === 'secret') {
    const whose = namedBy(operation.id, name, values);
    return <SecretInput {...{ id, field, label, value, onChange }} name={whose} />;
  }
  if (kind === 'pem') return <PemInput {...{ id, label, value, onChange }} isRequired={required} />;
  const text = typeof value === 'string' ? value : '';
  if (maximumLength >= LONG_TEXT)
    return (
      <TextArea id={id} rows={4} isRequired={required} value={text} onChange={(_, next) => onChange(next)} />
    );
  const source = sourceOf(name, operation);
  return <NameInput {...{ id, source, onChange }} isRequired={required} value={text} />;
}

function ListInput({ id, field: { choices, name }, value, onChange }: FieldInputProps) {
  const chosen: readonly string[] = Array.isArray(value) ? value.map(String) : [];
  if (choices === undefined)
    return (
      <TextArea
        id={id}
        placeholder={TEXTS.onePerLine}
        value={chosen.join('\n')}
        onChange={(_, text) => onChange(text === '' ? [] : text.split('\n'))}
      />
    );
  return (
    <div className="okm-choices">
      {choices.map((choice) => (
        <Checkbox
          key={choice}
          id={`${id}-${choice}`}
          name={name}
          label={valueText(name, choice)}
          isChecked={chosen.includes(choice)}
          onChange={(_, on) =>
            onChange(choices.filter((one) => (one === choice ? on : chosen.includes(one))))
          }
        />
      ))}
    </div>
  );
}
