/** What approvers read of operations on KMAs: each value before and after, and those that stay. It changes nothing. */

import { byName } from '../../core/live.ts';
import { isRefusal, refuse } from '../../core/refusal.ts';
import type { StateView } from '../../core/state.ts';
import type { Row } from '../../core/tables.ts';
import { createKma } from '../cluster/create-kma.ts';
import { setAutonomousUnlock } from '../core-security.ts';
import { find, nameOf } from '../entities.ts';
import { modifyKma, setKmaPassphrase } from '../kmas.ts';
import { quote } from './canonical-text.ts';
import { pendable } from './pendable.ts';
import { change } from './user-texts.ts';

interface Changes {
  readonly description?: string | undefined;
  readonly site?: string | undefined;
  readonly hostName?: string | undefined;
  readonly serviceAddress?: string | undefined;
  readonly serviceIpv6Address?: string | undefined;
  readonly managementAddress?: string | undefined;
}

function kmaLines(state: StateView, kma: Row<'kma'>, changes: Changes): string[] {
  const rows: readonly (readonly [string, string | null, string | undefined])[] = [
    ['Description', kma.description, changes.description],
    ['Site', nameOf(state, 'site', kma.siteId), changes.site],
    ['Host name', kma.hostName, changes.hostName],
    ['Service address', kma.serviceAddress, changes.serviceAddress],
    ['Service IPv6 address', kma.serviceAddressIPv6, changes.serviceIpv6Address],
    ['Management address', kma.managementAddress, changes.managementAddress],
  ];
  return rows.map(([what, before, after]) =>
    change(what, quote(before), after === undefined ? undefined : quote(after)),
  );
}

export const pendableKmaOperations = [
  pendable(createKma, (input, state) => {
    if (byName(state, 'kma', input.kma) !== undefined) return refuse('KMA_EXISTS', input.kma);
    const site = input.site === undefined ? null : find(state, 'site', input.site, 'SITE_DOES_NOT_EXIST');
    if (isRefusal(site)) return site;
    return [
      `A KMA may join the cluster, and gets all keys: ${quote(input.kma)}`,
      `Description: ${quote(input.description)}`,
      `Site: ${site?.name ?? ''}`,
      `Service address: ${quote(input.serviceAddress ?? '')}`,
      `Management address: ${quote(input.managementAddress ?? '')}`,
    ];
  }),
  pendable(modifyKma, ({ kma: name, ...changes }, state) => {
    const kma = find(state, 'kma', name, 'KMA_DOES_NOT_EXIST');
    if (isRefusal(kma)) return kma;
    return [`A KMA is changed: ${quote(kma.name)}, ${kma.id}`, ...kmaLines(state, kma, changes)];
  }),
  pendable(setKmaPassphrase, ({ kma: name }, state) => {
    const kma = find(state, 'kma', name, 'KMA_DOES_NOT_EXIST');
    if (isRefusal(kma)) return kma;
    return [
      `A KMA gets another passphrase, which logs it out of the cluster: ${quote(kma.name)}, ${kma.id}`,
      `Verifier of the passphrase until now: ${kma.verifierSha256 || 'none'}`,
      ...kmaLines(state, kma, {}),
    ];
  }),
  pendable(setAutonomousUnlock, ({ enabled }) => [
    enabled
      ? 'The KMA named above unlocks itself at every start, without a quorum'
      : 'The KMA named above no longer unlocks itself when it starts',
  ]),
];
