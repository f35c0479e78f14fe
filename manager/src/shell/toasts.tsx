/** Short words on what has just been done, with a way to follow what is not done yet. */
import { Alert, AlertActionCloseButton, AlertGroup } from '@patternfly/react-core';
import { createContext, type ReactNode, useContext, useState } from 'react';
import { Link } from 'wouter';

interface Toast {
  readonly title: string;
  readonly link?: { readonly to: string; readonly text: string };
}

const ToastContext = createContext<(toast: Toast) => void>(() => undefined);
const SHOWN_MS = 10_000;

export function useToast(): (toast: Toast) => void {
  return useContext(ToastContext);
}

export function Toasts({ children }: { readonly children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly (Toast & { readonly number: number })[]>([]);
  const remove = (number: number) => setToasts((before) => before.filter((toast) => toast.number !== number));
  const add = (toast: Toast) => setToasts((before) => [...before, { ...toast, number: performance.now() }]);
  return (
    <ToastContext value={add}>
      {children}
      <AlertGroup isToast isLiveRegion>
        {toasts.map(({ number, title, link }) => (
          <Alert
            key={number}
            variant="success"
            title={title}
            timeout={link === undefined ? SHOWN_MS : false}
            onTimeout={() => remove(number)}
            actionClose={<AlertActionCloseButton onClose={() => remove(number)} />}
          >
            {link !== undefined && <Link href={link.to}>{link.text}</Link>}
          </Alert>
        ))}
      </AlertGroup>
    </ToastContext>
  );
}
