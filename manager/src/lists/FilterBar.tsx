/** Builds filters with every operator the KMA has, and shows those that are set. */
import { Button, FormSelect, FormSelectOption, Label, LabelGroup, TextInput } from '@patternfly/react-core';
import { type FormEvent, useState } from 'react';
import { TEXTS, words } from '../texts/en.ts';
import { isBare, OPERATORS } from './list-state.ts';

interface FilterBarProps {
  readonly columns: readonly string[];
  /** That is offered first. */
  readonly first: string;
  readonly filters: readonly string[];
  onChange(filters: readonly string[]): void;
}

export function FilterBar({ columns, first, filters, onChange }: FilterBarProps) {
  const [column, setColumn] = useState(first);
  const [operator, setOperator] = useState<string>('=');
  const [value, setValue] = useState('');
  if (columns.length === 0) return null;
  const add = (event: FormEvent) => {
    event.preventDefault();
    const filter = `${column}${operator}${isBare(operator) ? '' : value}`;
    onChange([...filters.filter((one) => one !== filter), filter]);
    setValue('');
  };
  return (
    <>
      <form className="okm-bar" onSubmit={add}>
        <FormSelect aria-label={TEXTS.filterColumn} value={column} onChange={(_, next) => setColumn(next)}>
          {columns.map((name) => (
            <FormSelectOption key={name} value={name} label={words(name)} />
          ))}
        </FormSelect>
        <FormSelect
          aria-label={TEXTS.filterOperator}
          value={operator}
          onChange={(_, next) => setOperator(next)}
        >
          {OPERATORS.map((name) => (
            <FormSelectOption key={name} value={name} label={name.trim()} />
          ))}
        </FormSelect>
        <TextInput
          aria-label={TEXTS.filterValue}
          value={value}
          isDisabled={isBare(operator)}
          onChange={(_, next) => setValue(next)}
        />
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
