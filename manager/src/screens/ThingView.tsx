/** All that is known of one thing, name by name. */
import {
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
} from '@patternfly/react-core';
import { Shown } from '../shell/Shown.tsx';
import { words } from '../texts/en.ts';

export function ThingView({ thing }: { readonly thing: Readonly<Record<string, unknown>> }) {
  return (
    <DescriptionList isHorizontal isCompact>
      {Object.entries(thing).map(([name, value]) => (
        <DescriptionListGroup key={name}>
          <DescriptionListTerm>{words(name)}</DescriptionListTerm>
          <DescriptionListDescription>
            <Shown name={name} value={value} />
          </DescriptionListDescription>
        </DescriptionListGroup>
      ))}
    </DescriptionList>
  );
}
