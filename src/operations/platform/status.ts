/** What the status of this KMA says of its platform: a line for each part, and what somebody has to see to. It judges no part; they say it themselves. */
import { isIP } from 'node:net';
import { otherKmas } from '../../core/members.ts';
import { isLocalName } from '../../platform-settings/dns.ts';
import type { DecideContext } from '../contexts.ts';
import { shownName } from '../entities.ts';
import { settingsOf, statesOf } from './common.ts';

/** Of more the first are enough to begin with. */
const WARNINGS_MAX = 20;
/** It comes after the others at a start, and is back in two seconds where it was killed. */
const GONE_MS = 10_000;

type States = Pick<DecideContext, 'platformStates'>;
type Status = Pick<DecideContext, 'state' | 'self' | 'platformSettings' | 'platformStates'>;

export function platformLines(context: States): { part: string; summary: string }[] {
  return [...statesOf(context).parts].map(([part, { summary }]) => ({ part, summary }));
}

export function platformWarnings(context: Status): string[] {
  const { goneForMs, parts } = statesOf(context);
  if (goneForMs > GONE_MS)
    return [
      'the platform process is not there: no time service, look-ups, alarms or syslog until it is back',
    ];
  return [...namesWithoutServer(context), ...[...parts.values()].flatMap(({ troubles }) => troubles)].slice(
    0,
    WARNINGS_MAX,
  );
}

/** Nobody looks such a name up, so this KMA does not dial that one. */
function namesWithoutServer({ state, self, ...context }: Status): string[] {
  if (settingsOf(context).dns.servers.length > 0) return [];
  return otherKmas(state, self.kmaId)
    .filter(({ managementAddress }) => isName(managementAddress ?? ''))
    .map(
      (kma) =>
        `${shownName(state, 'kma', kma)} has the name "${kma.managementAddress}" for an address, and this KMA has no DNS server, so it does not call it: set servers with "kma dns set", or an address with "kma member modify"`,
    );
}

function isName(address: string): boolean {
  return address !== '' && isIP(address) === 0 && !isLocalName(address);
}
