/** What comes after a KMA was made, in words to be copied: it is served at the addresses that were given, not at those that "serve" takes by itself. It runs nothing. */
import type { OwnAddresses } from '../operations/entered-addresses.ts';
import { shellWord } from './shell-word.ts';

/** Of "serve", an option and its value as one; a network without an address is left to it. */
export function serveWords({ managementAddress, serviceAddress }: OwnAddresses): string[] {
  const options = [
    ['--management-address', managementAddress],
    ['--service-address', serviceAddress],
  ] as const;
  return [
    'serve',
    ...options.flatMap(([option, address]) => (address === '' ? [] : [`${option} ${shellWord(address)}`])),
  ];
}

/** `kma`: a command on the data directory; `user`: who unlocks it after each start, or null where it unlocks itself. */
export function nextCommands(kma: string, served: OwnAddresses, user: string | null): string {
  const serve = [kma, ...serveWords(served)].join(' ');
  return user === null ? serve : `${serve}, then ${kma} unlock --user ${user}`;
}
