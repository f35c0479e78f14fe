/** Where the KMAs of the demonstration are: data directories side by side, each with addresses of its own. It makes none of them. */
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { caKeySha256 } from '@openkma/protocol';
import { OpenKmaError } from '../../errors.ts';
import { readIdentity } from '../../setup/local-identity.ts';
import { adoptRestored } from '../../setup/replaced-data-directory.ts';
import { DataDirectory } from '../../store/data-directory.ts';
import { openStore } from '../../store/store.ts';
import { checkedAddress } from '../serve-command.ts';

export interface Place {
  readonly name: string;
  readonly data: string;
  readonly managementAddress: string;
  readonly serviceAddress: string;
}

export interface PlaceOptions {
  readonly kmas?: number;
  /** One for each KMA. */
  readonly listen?: readonly string[];
  /** Of the first alone. */
  readonly managementAddress?: string;
  readonly serviceAddress?: string;
}

/** An address for each, since agents and other KMAs look for all of them at the same ports. */
const ADDRESSES = ['127.0.0.11', '127.0.0.12', '127.0.0.13'];
export const KMAS_MAX = ADDRESSES.length;

/** All that there could be, whatever is asked for. */
export function everyData(data: string): readonly string[] {
  return ADDRESSES.map((_, index) => (index === 0 ? data : `${data}-${index + 1}`));
}

export const isThere = (data: string) => existsSync(`${data}/kma.db`) || existsSync(`${data}/adopted`);

/** What is there stays where it is, unless other addresses are given; the others get theirs. */
export function placesOf(data: string, options: PlaceOptions): readonly Place[] {
  const { listen, kmas = listen?.length ?? KMAS_MAX } = options;
  if (listen !== undefined && (listen.length < kmas || kmas > KMAS_MAX))
    throw new OpenKmaError(
      'USAGE',
      `--listen: an address for each of 1 to ${KMAS_MAX} KMAs, with commas between`,
    );
  const places = everyData(data)
    .slice(0, kmas)
    .map((one, index) => {
      const found = isThere(one) ? foundAt(one) : null;
      const address = checkedAddress(listen?.[index] ?? ADDRESSES[index] ?? '');
      const usual = {
        name: `kma-${index + 1}`,
        data: one,
        managementAddress: address,
        serviceAddress: address,
        caKey: null,
        ...found,
        ...(listen !== undefined && { managementAddress: address, serviceAddress: address }),
      };
      return index > 0 ? usual : { ...usual, ...networksOf(options) };
    });
  const [first] = places;
  const stranger = places.find(({ caKey }) => caKey !== null && caKey !== first?.caKey);
  if (stranger !== undefined)
    throw new OpenKmaError(
      'DATA_DIRECTORY_NOT_EMPTY',
      `${stranger.data} is a KMA of another cluster than ${data}`,
    );
  return places.map(({ caKey: _, ...place }) => place);
}

/** Those of the first that were given. */
function networksOf({
  managementAddress: management,
  serviceAddress: service,
}: PlaceOptions): Partial<Place> {
  return {
    ...(management !== undefined && { managementAddress: checkedAddress(management) }),
    ...(service !== undefined && { serviceAddress: checkedAddress(service) }),
  };
}

/** By the entry that the KMA itself has of itself; its store is brought up to date for that, as at any start. */
function foundAt(data: string): Partial<Place> & { readonly caKey: string | null } {
  adoptRestored(data);
  const directory = DataDirectory.open(data);
  const release = directory.lock();
  try {
    const { kmaId, kmaName } = readIdentity(directory);
    const store = openStore({ path: directory.databasePath, mode: 'write' });
    try {
      const { managementAddress, serviceAddress } = store.state.get('kma', kmaId) ?? {};
      const ca = store.state.get('certificate_authority', 'root')?.certificatePem;
      return {
        name: kmaName,
        ...(managementAddress && { managementAddress }),
        ...(serviceAddress && { serviceAddress }),
        caKey: ca == null ? null : caKeySha256(ca),
      };
    } finally {
      store.close();
    }
  } finally {
    release();
  }
}

/** As people at this place write it. */
export function shownData(data: string): string {
  const below = relative(process.cwd(), data);
  return below === '' || below.startsWith('..') ? data : `./${below}`;
}
