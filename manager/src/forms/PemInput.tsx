/** Certificates or a key: pasted as they are, line by line, or read from a file that somebody chooses. What is chosen goes nowhere but into the form. */
import { TextArea } from '@patternfly/react-core';
import { TEXTS } from '../texts/en.ts';

interface PemInputProps {
  readonly id: string;
  readonly label: string;
  readonly isRequired: boolean;
  readonly value: unknown;
  onChange(value: string | undefined): void;
}

export function PemInput({ id, label, isRequired, value, onChange }: PemInputProps) {
  return (
    <>
      <TextArea
        id={id}
        className="okm-pem"
        rows={6}
        autoComplete="off"
        spellCheck={false}
        isRequired={isRequired}
        placeholder="-----BEGIN ..."
        value={typeof value === 'string' ? value : ''}
        onChange={(_, text) => onChange(text === '' ? undefined : text)}
      />
      <input
        type="file"
        aria-label={TEXTS.fileOf(label)}
        onChange={({ target }) => {
          const [file] = target.files ?? [];
          void file?.text().then(onChange);
        }}
      />
    </>
  );
}
