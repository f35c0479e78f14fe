/** All that is known of one thing, name by name. */
import {
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
} from '@patternfly/react-core';
import { knownValue } from '../shell/known-value.ts';
import { Shown } from '../shell/Shown.tsx';
import { words } from '../texts/en.ts';

/** Longer labels have two lines. */
const TERM_WIDTH = { default: '12ch', md: '30ch' } as const;

interface ThingViewProps {
  readonly thing: Readonly<Record<string, unknown>>;
  /** The operation that shows it, where names mean something of their own. */
  readonly of?: string;
}

export function ThingView({ thing, of = '' }: ThingViewProps) {
  return (
    <DescriptionList isHorizontal isCompact horizontalTermWidthModifier={TERM_WIDTH}>
      {Object.keys(thing).map((name) => (
        <DescriptionListGroup key={name}>
          <DescriptionListTerm>{words(name, of)}</DescriptionListTerm>
          <DescriptionListDescription>
            <Shown name={name} value={knownValue(thing, name)} />
          </DescriptionListDescription>
        </DescriptionListGroup>
      ))}
    </DescriptionList>
  );
}
