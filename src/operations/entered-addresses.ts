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

/** Of a KMA that runs, one line for each network. One that is served at every address is served at that of its entry too. */
export function servedElsewhere(
  kmaName: string,
  served: OwnAddresses,
  entry: WholeEntry | undefined,
): string[] {
  return NETWORKS.flatMap(({ field, what, option }) => {
    const own = served[field];
    const entered = entry?.[field] ?? '';
    const isAlsoEntered = field === 'serviceAddress' && own === entry?.serviceAddressIPv6;
    if (EVERY_ADDRESS.has(own) || isAlsoEntered || !isOtherAddress(own, entered)) return [];
    return `served at ${own} on the ${what} network, and entered as ${entered}, where the others look for it: serve it there ("kma serve ${option} ${entered}"), or change the entry with "kma member modify ${kmaName} ${option} ${own}"`;
  });
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
