/** Whether a KMA is where its entry in the cluster says: other KMAs and agents look for it there, and nowhere else. It connects to nobody, and changes no entry. */
import { BlockList, isIP } from 'node:net';
import type { Row } from '../core/tables.ts';

export interface OwnAddresses {
  readonly managementAddress: string;
  readonly serviceAddress: string;
}
type Entry = Pick<Row<'kma'>, 'managementAddress' | 'serviceAddress'>;
type WholeEntry = Entry & Pick<Row<'kma'>, 'serviceAddressIPv6'>;

const NETWORKS = [
  { field: 'managementAddress', what: 'management', option: '--management-address' },
  { field: 'serviceAddress', what: 'service', option: '--service-address' },
] as const;

/** Of what a newcomer was answered, against its entry: the members have no other way to it, and do not hear its own log before. Null where nothing differs; an entry may name no address, or a name, which may be anywhere. */
export function otherThanEntered(kmaName: string, own: OwnAddresses, entry: Entry): string | null {
  const wrong = NETWORKS.filter(({ field }) => isOtherAddress(own[field], entry[field] ?? ''));
  if (wrong.length === 0) return null;
  const differ = wrong.map(
    ({ field, what }) => `the ${what} address ${own[field]}, where its entry has ${entry[field]}`,
  );
  const options = wrong.map(({ field, option }) => `${option} ${own[field]}`).join(' ');
  return `${kmaName} was given ${differ.join(', and ')}: answer as the entry has it, or change that at a member ("kma member modify ${kmaName} ${options}")`;
}

/** Of a KMA that runs; null where nothing differs. One that is served at every address is served at that of its entry too. */
export function servedElsewhere(
  kmaName: string,
  served: OwnAddresses,
  entry: WholeEntry | undefined,
): string | null {
  if (entry === undefined) return null;
  const wrong = NETWORKS.filter(({ field }) => {
    const isAlsoEntered = field === 'serviceAddress' && served[field] === entry.serviceAddressIPv6;
    return (
      !EVERY_ADDRESS.has(served[field]) && !isAlsoEntered && isOtherAddress(served[field], entry[field] ?? '')
    );
  });
  if (wrong.length === 0) return null;
  const differ = wrong.map(
    ({ field, what }) => `at ${served[field]} on the ${what} network, where it is entered as ${entry[field]}`,
  );
  // Whoever types it means both networks.
  const asEntered = NETWORKS.map(
    (one) => `${one.option} ${wrong.includes(one) ? entry[one.field] : served[one.field]}`,
  ).join(' ');
  const asServed = wrong.map(({ field, option }) => `${option} ${served[field]}`).join(' ');
  return `served ${differ.join(', and ')}, so that others look for it elsewhere: serve it where it is entered ("kma serve ${asEntered}"), or change the entry ("kma member modify ${kmaName} ${asServed}")`;
}
const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** However each is written. */
export function isOtherAddress(own: string, entered: string): boolean {
  const [family, otherFamily] = [isIP(own), isIP(entered)];
  if (family === 0 || otherFamily === 0) return false;
  if (family !== otherFamily) return true;
  const kind = family === 6 ? 'ipv6' : 'ipv4';
  const one = new BlockList();
  one.addAddress(own, kind);
  return !one.check(entered, kind);
}
