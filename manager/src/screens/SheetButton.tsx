/** Leads from an agent to its enrolment sheet. */
import { Button } from '@patternfly/react-core';
import { TEXTS } from '../texts/en.ts';
import type { ThingProps } from './beside.ts';

export default function SheetButton({ thing }: ThingProps) {
  const path = `/agents/${encodeURIComponent(String(thing['agent']))}/sheet`;
  return (
    <Button component="a" variant="secondary" href={path}>
      {TEXTS.enrolmentSheet}
    </Button>
  );
}
