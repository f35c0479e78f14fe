/** What is asked anew for as long as it is in sight, without keeping anybody logged in. A window that nobody sees asks nothing. */
import { useQuery } from '@tanstack/react-query';
import { ask } from './ask.ts';
import type { InputOf, OperationId, OutputOf } from './types.ts';

interface Watched<Output> {
  /** Undefined until the answer is there. */
  readonly data: Output | undefined;
  readonly error: Error | null;
}

/** Whoever watches the same has the same answer. Not watched where `isAsked` is false. */
export function useWatched<Id extends OperationId>(
  id: Id,
  input: InputOf<Id>,
  everyMs: number,
  isAsked = true,
): Watched<OutputOf<Id>> {
  const { data, error } = useQuery({
    queryKey: ['watched', id, input],
    queryFn: ({ signal }) => ask(id, input, { signal, unattended: true }),
    enabled: isAsked,
    refetchInterval: everyMs,
    refetchIntervalInBackground: false,
    staleTime: everyMs / 2,
  });
  return { data, error };
}
