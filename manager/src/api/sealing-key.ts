/** The KMA's public key of this window's log-in, to which credentials of a quorum are sealed, with the key of the session that it belongs to; it outlives a reload of the page. It is no secret. */

const NAME = 'openkma.sealingKey';

/** `session` is the key by which the KMA knows the session. */
export function rememberSealingKey(session: string, hex: string): void {
  sessionStorage.setItem(NAME, `${session} ${hex}`);
}

/** Null in another window than that of the session's log-in: all windows go on under the last one. */
export function sealingKey(session: string): string | null {
  const [of, hex = null] = sessionStorage.getItem(NAME)?.split(' ') ?? [];
  return of === session ? hex : null;
}
