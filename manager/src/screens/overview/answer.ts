/** What the overview asks, again and again, without keeping anybody logged in. It asks for nothing that the user's roles do not have. */
import { useQuery } from '@tanstack/react-query';
import { ask } from '../../api/ask.ts';
import { mayCall } from '../../api/catalogue.ts';
import type { InputOf, OperationId, OutputOf } from '../../api/types.ts';
import { useSession } from '../../shell/session.tsx';

const REFRESH_MS = 5_000;
/** Of what changes from day to day. */
export const SELDOM_MS = 300_000;

/** Undefined until the answer is there, or where the user's roles do not have it. */
export function useAnswer<Id extends OperationId>(
  id: Id,
  input: InputOf<Id>,
  refreshMs: number = REFRESH_MS,
): { readonly data: OutputOf<Id> | undefined; readonly error: Error | null } {
  const { roles } = useSession();
  const { data, error } = useQuery({
    queryKey: ['overview', id, input],
    queryFn: ({ signal }) => ask(id, input, { signal, unattended: true }),
    enabled: mayCall(id, roles),
    refetchInterval: refreshMs,
    staleTime: refreshMs / 2,
  });
  return { data, error };
}
