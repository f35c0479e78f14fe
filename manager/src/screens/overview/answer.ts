/** What the overview watches. It asks for nothing that the user's roles do not have. */
import { mayCall } from '../../api/catalogue.ts';
import type { InputOf, OperationId } from '../../api/types.ts';
import { useWatched } from '../../api/watched.ts';
import { useSession } from '../../shell/session.tsx';

const REFRESH_MS = 5_000;
/** Of what changes from day to day. */
export const SELDOM_MS = 300_000;

/** Undefined until the answer is there, or where the user's roles do not have it. */
export function useAnswer<Id extends OperationId>(id: Id, input: InputOf<Id>, refreshMs = REFRESH_MS) {
  const { roles } = useSession();
  return useWatched(id, input, refreshMs, mayCall(id, roles));
}
