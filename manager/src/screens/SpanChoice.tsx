/** Of which time a chart is. */
import { FormSelect, FormSelectOption } from '@patternfly/react-core';
import { SCREEN_TEXTS } from '../texts/screens.ts';

export type Span = keyof typeof SCREEN_TEXTS.spans;

interface SpanChoiceProps {
  readonly span: Span;
  onChange(span: Span): void;
}

export function SpanChoice({ span, onChange }: SpanChoiceProps) {
  return (
    <div className="okm-bar">
      <FormSelect aria-label={SCREEN_TEXTS.span} value={span} onChange={(_, next) => onChange(next as Span)}>
        {Object.entries(SCREEN_TEXTS.spans).map(([name, text]) => (
          <FormSelectOption key={name} value={name} label={text} />
        ))}
      </FormSelect>
    </div>
  );
}
