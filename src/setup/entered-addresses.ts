/** Whether a KMA is where its entry in the cluster says: the others dial it there, and nowhere else. It connects to nobody, and changes no entry. */
import { BlockList, isIP } from 'node:net';
import type { Row } from '../core/tables.ts';

export interface OwnAddresses {
  readonly managementAddress: string;
  readonly serviceAddress: string;
}
type Entry = Pick<Row<'kma'>, 'managementAddress' | 'serviceAddress'>;

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
