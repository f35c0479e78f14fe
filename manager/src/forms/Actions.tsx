/** Buttons for what the user may do at a place or with a row; each opens its form. */
import { useState } from 'react';
import type { Input } from '../api/call.ts';
import { mayCall } from '../api/catalogue.ts';
import type { OperationId } from '../api/types.ts';
import { useSession } from '../shell/session.tsx';
import { ActionButton } from './ActionButton.tsx';
import OperationForm from './OperationForm.tsx';

interface ActionsProps {
  readonly ids: readonly OperationId[];
  /** What is known of the input: the row. */
  readonly input: Input;
  /** Of the thing shown, so that nobody's change is lost. */
  readonly version?: string | null;
  readonly isSmall?: boolean;
  /** The operation was carried out. */
  onDone?(id: OperationId): void;
}

export function Actions({ ids, input, version = null, isSmall = false, onDone }: ActionsProps) {
  const { roles } = useSession();
  const [open, setOpen] = useState<OperationId | null>(null);
  const allowed = ids.filter((id) => mayCall(id, roles));
  return (
    <>
      {allowed.map((id) => (
        <ActionButton key={id} id={id} thing={input} isSmall={isSmall} onOpen={() => setOpen(id)} />
      ))}
      {open !== null && (
        <OperationForm
          id={open}
          known={input}
          version={version}
          onClose={() => setOpen(null)}
          onDone={() => onDone?.(open)}
        />
      )}
    </>
  );
}
