/** Whose signature counts under an audit chain, and which lives are known to have gone on twice. It checks no signature. */
import { isOfRemoved, kmaOfIncarnation, kmaOfLife, livesOf } from './life.ts';
import type { StateView } from './state.ts';
import type { VersionVector } from './version-vector.ts';

/** `later life`: its KMA alone may bring what another life has signed, as long as that one can sign itself. */
export type Signer = 'believed' | 'not known' | 'another KMA' | 'later life';

/**
 * `from`: the member that brings it. Whoever was taken over may admit a life in the name of another KMA; so what such a life
 * signs is taken from that KMA itself only, or where the life whose chain it is is over and nobody else is left to sign.
 */
export function signerOf(
  state: Pick<StateView, 'get'>,
  incarnationId: string,
  signedBy: string,
  from: string,
): Signer {
  const kmaId = kmaOfIncarnation(state, incarnationId);
  const signer = state.get('incarnation', signedBy);
  // Whose chain it is, and who has signed, comes with the logs.
  if (kmaId === null || signer === undefined) return 'not known';
  if (kmaOfLife(signer) !== kmaId) return 'another KMA';
  const isItself = signedBy === incarnationId || from === kmaId;
  const isOver = state.get('incarnation', incarnationId)?.endedStamp != null;
  return isItself || isOver || isOfRemoved(state, incarnationId) ? 'believed' : 'later life';
}

/**
 * Of a KMA that was put back unseen there may be two ends of a life's audit: the one that others have, and the one that it wrote
 * again. A later life of it then began as a copy, with less of the log of that life (of so many entries) than there is.
 */
export function wentOnTwice(
  state: Pick<StateView, 'get' | 'scan'>,
  incarnationId: string,
  logLength: number,
): boolean {
  const kmaId = kmaOfIncarnation(state, incarnationId);
  if (kmaId === null) return false;
  const began = (id: string) => state.get('incarnation', id)?.createdStamp ?? '';
  return livesOf(state, kmaId).some(({ id, reason, baseVectorJson }) => {
    if (reason !== 'copy' || began(id) <= began(incarnationId)) return false;
    const base = JSON.parse(baseVectorJson ?? '{}') as VersionVector;
    return (base[incarnationId] ?? 0) < logLength;
  });
}
