/** The button of one operation; where it cannot apply to the thing as it is, it is off and says why. It opens nothing itself. */
import { Button, Tooltip } from '@patternfly/react-core';
import type { Input } from '../api/call.ts';
import { operation } from '../api/catalogue.ts';
import { useSelf } from '../api/self.ts';
import type { OperationId } from '../api/types.ts';
import { LOST, words } from '../texts/en.ts';
import { whyNot } from './why-not.ts';

interface ActionButtonProps {
  readonly id: OperationId;
  readonly thing: Input;
  readonly isSmall: boolean;
  onOpen(): void;
}

export function ActionButton({ id, thing, isSmall, onOpen }: ActionButtonProps) {
  const why = whyNot(operation(id), thing, useSelf());
  const button = (
    <Button
      data-operation={id}
      variant={LOST[id] !== undefined ? 'danger' : isSmall ? 'secondary' : 'primary'}
      size={isSmall ? 'sm' : 'default'}
      isAriaDisabled={why !== null}
      onClick={onOpen}
    >
      {words(id)}
    </Button>
  );
  return why === null ? button : <Tooltip content={why}>{button}</Tooltip>;
}
