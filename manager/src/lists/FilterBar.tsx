/** Builds filters with every operator the KMA has, and shows those that are set. */
import { Button, FormSelect, FormSelectOption, Label, LabelGroup, TextInput } from '@patternfly/react-core';
import { type FormEvent, useState } from 'react';
import type { Column } from '../api/catalogue.ts';
import { COMPARISONS, TEXTS, valueText, words } from '../texts/en.ts';
import { isBare, OPERATORS, type Operator } from './operators.ts';

interface FilterBarProps {
  readonly columns: readonly Column[];
  /** That is offered first. */
  readonly first: string;
  readonly filters: readonly string[];
  onChange(filters: readonly string[]): void;
}

export function FilterBar({ columns, first, filters, onChange }: FilterBarProps) {
  const [column, setColumn] = useState(first);
  const [operator, setOperator] = useState<Operator>('=');
  const [value, setValue] = useState('');
  if (columns.length === 0) return null;
  // What a value begins with may be part of one.
  const choices = operator === '~' ? undefined : columns.find(({ name }) => name === column)?.choices;
  const add = (event: FormEvent) => {
    event.preventDefault();
    const filter = `${column}${operator}${isBare(operator) ? '' : value}`;
    onChange([...filters.filter((one) => one !== filter), filter]);
    setValue('');
  };
  return (
    <>
      <form className="okm-bar" onSubmit={add}>
        <FormSelect
          aria-label={TEXTS.filterColumn}
          value={column}
          onChange={(_, next) => {
            setColumn(next);
            setValue('');
          }}
        >
          {columns.map(({ name }) => (
            <FormSelectOption key={name} value={name} label={words(name)} />
          ))}
        </FormSelect>
        <FormSelect
          aria-label={TEXTS.filterOperator}
          value={operator}
          onChange={(_, next) => setOperator(next as Operator)}
        >
          {OPERATORS.map((name) => (
            <FormSelectOption key={name} value={name} label={COMPARISONS[name]} />
          ))}
        </FormSelect>
        {choices === undefined ? (
          <TextInput
            aria-label={TEXTS.filterValue}
            value={value}
            isDisabled={isBare(operator)}
            onChange={(_, next) => setValue(next)}
          />
        ) : (
          <FormSelect
            aria-label={TEXTS.filterValue}
            value={value}
            isDisabled={isBare(operator)}
            onChange={(_, next) => setValue(next)}
          >
            {['', ...choices].map((choice) => (
              <FormSelectOption key={choice} value={choice} label={valueText(column, choice)} />
            ))}
          </FormSelect>
        )}
        <Button type="submit" variant="secondary">
          {TEXTS.addFilter}
        </Button>
      </form>
      {filters.length > 0 && (
        <div className="okm-bar">
          <LabelGroup numLabels={20}>
            {filters.map((filter) => (
              <Label
                key={filter}
                onClose={() => onChange(filters.filter((one) => one !== filter))}
                closeBtnAriaLabel={`${TEXTS.removeFilter} ${filter}`}
              >
                {filter}
              </Label>
            ))}
          </LabelGroup>
          <Button variant="link" onClick={() => onChange([])}>
            {TEXTS.clearFilters}
          </Button>
        </div>
      )}
    </>
  );
}
