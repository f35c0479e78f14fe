/** A line of text; where it names something there is, the names are offered. */
import { TextInput } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { call } from '../api/call.ts';
import { mayCall, operation } from '../api/catalogue.ts';
import { useSession } from '../shell/session.tsx';
import type { Source } from './suggestions.ts';

interface NameInputProps {
  readonly id: string;
  readonly value: string;
  readonly isRequired: boolean;
  readonly source: Source | undefined;
  onChange(value: string): void;
}

const OFFERED_MAX = 200;

export function NameInput({ id, value, isRequired, source, onChange }: NameInputProps) {
  const { roles } = useSession();
  const { data = [] } = useQuery({
    queryKey: ['names', source],
    enabled: source !== undefined && mayCall(source.list, roles),
    queryFn: async ({ signal }) => {
      if (source === undefined) return [];
      const { body } = await call(
        operation(source.list),
        { limit: OFFERED_MAX },
        { signal, unattended: true },
      );
      const { rows } = body as { readonly rows: readonly Readonly<Record<string, unknown>>[] };
      return rows.map((row) => String(row[source.column]));
    },
  });
  return (
    <>
      <TextInput
        id={id}
        isRequired={isRequired}
        autoComplete="off"
        value={value}
        {...(data.length === 0 ? {} : { list: `${id}-names` })}
        onChange={(_, next) => onChange(next)}
      />
      {data.length > 0 && (
        <datalist id={`${id}-names`}>
          {data.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      )}
    </>
  );
}
