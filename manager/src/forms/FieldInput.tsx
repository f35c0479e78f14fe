/** One field of a form, by its kind. */
import { Checkbox, FormSelect, FormSelectOption, Switch, TextArea, TextInput } from '@patternfly/react-core';
import type { Field } from '../api/catalogue.ts';
import { TEXTS, words } from '../texts/en.ts';

interface FieldInputProps {
  readonly id: string;
  readonly field: Field;
  readonly value: unknown;
  onChange(value: unknown): void;
}

export function FieldInput({ id, field, value, onChange }: FieldInputProps) {
  const { kind, name, required, choices, minimum, maximum } = field;
  if (kind === 'flag')
    return (
      <Switch
        id={id}
        label={value === true ? TEXTS.yes : TEXTS.no}
        aria-label={words(name)}
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
          <FormSelectOption key={choice} value={choice} label={choice} />
        ))}
      </FormSelect>
    );
  if (kind === 'list') return <ListInput id={id} field={field} value={value} onChange={onChange} />;
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
  if (kind === 'secret')
    return (
      <TextInput
        id={id}
        type="password"
        autoComplete="new-password"
        isRequired={required}
        value={typeof value === 'string' ? value : ''}
        onChange={(_, next) => onChange(next === '' ? undefined : next)}
      />
    );
  return (
    <TextInput
      id={id}
      isRequired={required}
      autoComplete="off"
      value={typeof value === 'string' ? value : ''}
      onChange={(_, next) => onChange(next)}
    />
  );
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
    <>
      {choices.map((choice) => (
        <Checkbox
          key={choice}
          id={`${id}-${choice}`}
          name={name}
          label={choice}
          isChecked={chosen.includes(choice)}
          onChange={(_, on) =>
            onChange(choices.filter((one) => (one === choice ? on : chosen.includes(one))))
          }
        />
      ))}
    </>
  );
}
