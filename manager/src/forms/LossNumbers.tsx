/** Counts what an act hits and says it, up to a limit beyond which the number changes nothing any more. */
import { useQueries } from '@tanstack/react-query';
import { call, type Input } from '../api/call.ts';
import { mayCall, operation } from '../api/catalogue.ts';
import type { OperationId } from '../api/types.ts';
import { useSession } from '../shell/session.tsx';
import { TEXTS } from '../texts/en.ts';
import { LOSSES } from './losses.ts';

const COUNTED_MAX = 1_000;

interface Page {
  readonly rows: readonly unknown[];
  readonly next: string | null;
}

export function LossNumbers({ id, known }: { readonly id: OperationId; readonly known: Input }) {
  const { roles } = useSession();
  const losses = (LOSSES[id]?.(known) ?? []).filter(({ list }) => mayCall(list, roles));
  const counts = useQueries({
    queries: losses.map(({ list, by = {}, filter = [] }) => ({
      queryKey: ['count', list, by, filter],
      queryFn: async () =>
        (await call(operation(list), { ...by, filter, limit: COUNTED_MAX }, { unattended: true }))
          .body as Page,
    })),
  });
  if (losses.length === 0) return null;
  return (
    <ul>
      {losses.map(({ text }, index) => {
        const page = counts[index]?.data;
        const count =
          page === undefined
            ? TEXTS.counting
            : `${page.rows.length}${page.next === null ? '' : TEXTS.andMore}`;
        return <li key={text('')}>{text(count)}</li>;
      })}
    </ul>
  );
}
