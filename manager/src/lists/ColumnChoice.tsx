/** Which columns a list shows, of all that its rows have. */
import { MenuToggle, Select, SelectList, SelectOption } from '@patternfly/react-core';
import { useState } from 'react';
import { TEXTS, words } from '../texts/en.ts';

interface ColumnChoiceProps {
  readonly all: readonly string[];
  readonly shown: readonly string[];
  onChange(shown: readonly string[]): void;
}

export function ColumnChoice({ all, shown, onChange }: ColumnChoiceProps) {
  const [open, setOpen] = useState(false);
  const toggle = (name: string) => {
    const next = all.filter((one) => (one === name ? !shown.includes(one) : shown.includes(one)));
    if (next.length > 0) onChange(next);
  };
  return (
    <Select
      isOpen={open}
      role="menu"
      selected={[...shown]}
      onOpenChange={setOpen}
      onSelect={(_, name) => toggle(String(name))}
      toggle={(reference) => (
        <MenuToggle ref={reference} isExpanded={open} onClick={() => setOpen(!open)}>
          {TEXTS.columns}
        </MenuToggle>
      )}
    >
      <SelectList>
        {all.map((name) => (
          <SelectOption key={name} value={name} hasCheckbox isSelected={shown.includes(name)}>
            {words(name)}
          </SelectOption>
        ))}
      </SelectList>
    </Select>
  );
}
