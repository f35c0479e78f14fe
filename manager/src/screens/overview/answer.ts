/** What the overview asks, again and again, without keeping anybody logged in. It asks for nothing that the user's roles do not have. */
import { useQuery } from '@tanstack/react-query';
import { call, type Input } from '../../api/call.ts';
import { mayCall, operation } from '../../api/catalogue.ts';
import { useSession } from '../../shell/session.tsx';

const REFRESH_MS = 5_000;
/** Of what changes from day to day. */
export const SELDOM_MS = 300_000;

export interface Rows<Row> {
  readonly rows: readonly Row[];
  readonly next?: string | null;
}

/** Undefined until the answer is there, or where the user's roles do not have it. */
export function useAnswer<T>(
  id: string,
  input: Input = {},
  refreshMs: number = REFRESH_MS,
): { readonly data: T | undefined; readonly error: Error | null } {
  const { roles } = useSession();
  const { data, error } = useQuery({
    queryKey: ['overview', id, input],
    queryFn: async ({ signal }) => (await call(operation(id), input, { signal, unattended: true })).body as T,
    enabled: mayCall(id, roles),
    refetchInterval: refreshMs,
    staleTime: refreshMs / 2,
  });
  return { data, error };
}
