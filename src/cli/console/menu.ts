/** The menu of the console as data: what each entry does, and who sees it, which the operations of the catalogue say. It asks nobody and runs nothing. */
import { findOperation } from '../../operations/catalogue.ts';
import type { Operation, Role } from '../../operations/operation.ts';

/** What follows once the KMA has said yes. */
export type Aftermath = 'reboot' | 'shut-down' | 'reset';

/** One operation of the catalogue, with what the console says of it. */
export interface Act {
  readonly label: string;
  readonly operation: string;
  /** What somebody loses by it: the name of the KMA has to be typed. */
  readonly loses?: string;
  readonly after?: Aftermath;
}

export type Entry =
  | {
      readonly label: string;
      /** An operation whose answer is shown first: how it is now. */
      readonly shows?: string;
      readonly acts: readonly Act[];
    }
  /** What is no operation of the catalogue; for one role alone, or for everybody. */
  | { readonly label: string; readonly does: 'log-back-in' | 'addresses' | 'log-out'; readonly role?: Role };

const one = (act: Act, shows?: string): Entry => ({
  label: act.label,
  ...(shows === undefined ? {} : { shows }),
  acts: [act],
});

/** In the order of the product. The keyboard layout is not there: it is the machine's. */
export const ENTRIES: readonly Entry[] = [
  one({
    label: 'Reboot KMA',
    operation: 'RebootKma',
    loses:
      'Agents get no keys here meanwhile, sessions of people end, and what runs, such as a backup, is cut short.',
    after: 'reboot',
  }),
  one({
    label: 'Shut down KMA',
    operation: 'ShutDownKma',
    loses:
      'Agents get no keys here until somebody starts the KMA again at this machine; nobody can do that from elsewhere. Sessions of people end, and what runs, such as a backup, is cut short.',
    after: 'shut-down',
  }),
  { label: 'Log KMA back in to its cluster', does: 'log-back-in', role: 'SECURITY_OFFICER' },
  one({ label: "Set a user's passphrase", operation: 'SetUserPassphrase' }),
  { label: 'Management and service addresses, gateways', does: 'addresses', role: 'SECURITY_OFFICER' },
  one({ label: 'TLS versions', operation: 'SetAcceptableTls' }, 'ShowAcceptableTls'),
  one({ label: 'DNS', operation: 'SetDns' }, 'ShowDns'),
  one({
    label: 'Reset to factory default',
    operation: 'ResetKma',
    loses:
      'Everything of this KMA on this machine goes for good: keys that no backup and no other KMA has, users, settings, its audit. Where it has a cluster, delete its entry at another KMA first. Flash memory and file systems that copy on write keep old bytes also where files are written over.',
    after: 'reset',
  }),
  {
    label: 'Technical support',
    shows: 'ShowTechnicalSupport',
    acts: [
      { label: 'Enable with a password', operation: 'EnableTechnicalSupport' },
      { label: 'Enable for SSH keys alone', operation: 'EnableTechnicalSupportForKeys' },
      { label: 'Disable', operation: 'DisableTechnicalSupport' },
      { label: 'Make new host keys', operation: 'RegenerateSupportHostKeys' },
    ],
  },
  {
    label: 'Primary administrator',
    shows: 'ShowTechnicalSupport',
    acts: [
      {
        label: 'Enable',
        operation: 'EnablePrimaryAdministrator',
        loses:
          'Whoever logs in for support is root on this machine: he can read the memory of an unlocked KMA.',
      },
      { label: 'Disable', operation: 'DisablePrimaryAdministrator' },
    ],
  },
  one({ label: 'Show root CA certificate', operation: 'ShowRootCa' }),
  one({
    label: 'Renew root CA certificate',
    operation: 'RenewRootCa',
    loses:
      'All KMAs of the cluster show the new certificate from now on. Who holds the old one itself, and not its key, has to be given the new one.',
  }),
  { label: 'Log out', does: 'log-out' },
];

/** What these roles see: of each entry the acts that they may. */
export function menuFor(roles: readonly Role[], entries: readonly Entry[] = ENTRIES): readonly Entry[] {
  return entries.flatMap((entry): Entry[] => {
    if (!('acts' in entry)) return entry.role === undefined || roles.includes(entry.role) ? [entry] : [];
    const acts = entry.acts.filter((act) => mayCall(operationOf(act), roles));
    return acts.length === 0 ? [] : [{ ...entry, acts }];
  });
}

/** Whether the entry is a menu of its own, also for who may one of its acts alone. */
export function isSubmenu({ label }: Entry): boolean {
  return ENTRIES.some((entry) => entry.label === label && 'acts' in entry && entry.acts.length > 1);
}

export function operationOf({ operation }: Pick<Act, 'operation'>): Operation {
  const found = findOperation(operation);
  if (found === undefined) throw new Error(`the catalogue has no ${operation}`);
  return found;
}

function mayCall({ callers }: Operation, roles: readonly Role[]): boolean {
  return Array.isArray(callers) && callers.some((role) => roles.includes(role));
}
