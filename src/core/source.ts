/** What counts as one source of connections and guesses: an IPv4 address, or the network that one IPv6 subscriber is given. It resolves nothing. */

/** Groups of 16 bits in a /64, the smallest network; whoever has one can call from any of its addresses. */
const NETWORK_GROUPS = 4;
const GROUPS = 8;

/** Of an address without zone; what is no IPv6 address is its own source. */
export function sourceOf(address: string): string {
  if (!address.includes(':')) return address;
  const [before = '', after] = address.toLowerCase().split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros =
    after === undefined ? [] : Array<string>(Math.max(0, GROUPS - head.length - tail.length)).fill('0');
  const network = [...head, ...zeros, ...tail].slice(0, NETWORK_GROUPS);
  return `${network.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}
