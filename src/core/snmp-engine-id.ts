/** The engine ID of a KMA's SNMP agent (RFC 3411, 5): made of the KMA's own ID, so that keys can be localized where the passphrase is, and it stays as it is. */

/** The first bit, the enterprise of the product, and "octets follow". */
const PREFIX = '8000002A05';

export function engineIdOf(kmaId: string): string {
  return `${PREFIX}${kmaId}`;
}
