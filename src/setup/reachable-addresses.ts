/** Whether a newcomer and the members of a cluster can reach each other, as far as their addresses tell: one that no other machine reaches joins none but its like. It connects to nobody. */
import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

const WILDCARD = new BlockList();
WILDCARD.addAddress('0.0.0.0', 'ipv4');
WILDCARD.addAddress('::', 'ipv6');

function isIn(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

export function isLoopback(address: string): boolean {
  return isIn(LOOPBACK, address);
}

export interface Named {
  /** For people: whose address it is. */
  readonly what: string;
  readonly address: string;
}

/** Null where nothing speaks against it; a name may be anywhere. */
export function reachObjection(own: readonly Named[], members: readonly Named[]): string | null {
  const wildcard = [...own, ...members].find(({ address }) => isIn(WILDCARD, address));
  if (wildcard !== undefined) return `${wildcard.what} is ${wildcard.address}, which is no address to call`;
  for (const member of members)
    for (const one of own) {
      const [local, other] = isLoopback(one.address) ? [one, member] : [member, one];
      if (isLoopback(local.address) && !isLoopback(other.address))
        return `${local.what} is ${local.address}, which is reached from no other machine, and ${other.what} is ${other.address}`;
    }
  return null;
}
