/** The KMA's public key of this log-in, to which credentials of a quorum are sealed; it outlives a reload of the page. It is no secret. */

const NAME = 'openkma.sealingKey';

export function rememberSealingKey(hex: string): void {
  sessionStorage.setItem(NAME, hex);
}

/** Null in another window than that of the log-in: there the user logs in once more. */
export function sealingKey(): string | null {
  return sessionStorage.getItem(NAME);
}
