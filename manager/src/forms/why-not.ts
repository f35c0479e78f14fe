/** Which acts cannot apply to a thing as it is, as data: by operation, the values that stand against it. It forbids nothing: the KMA judges each call, and knows more. */
import { WHY_NOT } from '../texts/why-not.ts';

/** The KMA that the page comes from. */
export interface Self {
  readonly kma: string;
  readonly locked: boolean;
  /** Unlocked, but without root key material that was made while it was away. */
  readonly lacksRoot: boolean;
}

type Test = (value: unknown, self: Self | undefined) => boolean;

export interface Obstacle {
  /** Fields of the thing; it stands in the way where all of them are so. */
  readonly when: Readonly<Record<string, Test>>;
  readonly why: string;
}

const is =
  (...values: readonly unknown[]): Test =>
  (value) =>
    values.includes(value);
const nothing: Test = (value) =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0);
const given: Test = (value, self) => !nothing(value, self);
const some: Test = (value) => typeof value === 'number' && value > 0;
const own: Test = (value, self) => self !== undefined && value === self.kma;
const another: Test = (value, self) => self !== undefined && value !== self.kma;

const CLOSED: readonly Obstacle[] = [
  { when: { state: is('executed', 'deleted') }, why: WHY_NOT.finished },
  { when: { kma: another }, why: WHY_NOT.submittedElsewhere },
];

export const OBSTACLES: Readonly<Record<string, readonly Obstacle[]>> = {
  lockKma: [{ when: { locked: is(true) }, why: WHY_NOT.lockedAlready }],
  unlockKma: [{ when: { locked: is(false), lacksRoot: is(false) }, why: WHY_NOT.unlockedAlready }],
  deleteKma: [{ when: { kma: own }, why: WHY_NOT.ownKma }],
  confirmBackupDestroyed: [{ when: { destroyedAt: given }, why: WHY_NOT.backupDestroyed }],
  compromiseKey: [{ when: { compromisedAt: given }, why: WHY_NOT.compromisedAlready }],
  changeKeyGroup: [{ when: { activatedAt: nothing }, why: WHY_NOT.notHandedOut }],
  destroyKeys: [
    { when: { state: is('NO_KEY') }, why: WHY_NOT.noKeys },
    { when: { state: is('SHREDDED') }, why: WHY_NOT.shredded },
  ],
  deleteKeyGroup: [{ when: { agents: some }, why: WHY_NOT.hasAgents }],
  setDefaultKeyGroup: [{ when: { default: is(true) }, why: WHY_NOT.defaultAlready }],
  revokeUserCertificate: [
    { when: { state: is('revoked') }, why: WHY_NOT.revoked },
    { when: { state: is('expired') }, why: WHY_NOT.expired },
  ],
  revokeAgentCertificate: [{ when: { state: is('revoked') }, why: WHY_NOT.revoked }],
  deletePendingOperation: CLOSED,
  approvePendingOperation: CLOSED,
  settleConflict: [{ when: { kind: is('two of one name') }, why: WHY_NOT.twoOfOneName }],
  disableHmp: [{ when: { enabled: is(false) }, why: WHY_NOT.snmpAgentOff }],
  disableTechnicalSupport: [{ when: { technicalSupport: is('off') }, why: WHY_NOT.supportOff }],
  enablePrimaryAdministrator: [
    { when: { technicalSupport: is('off', 'expired') }, why: WHY_NOT.supportOff },
    { when: { primaryAdministrator: is(true) }, why: WHY_NOT.rootAlready },
  ],
  disablePrimaryAdministrator: [{ when: { primaryAdministrator: is(false) }, why: WHY_NOT.notRoot }],
  removeWebCertificate: [{ when: { loaded: is(false) }, why: WHY_NOT.noWebCertificate }],
  adjustTime: [
    { when: { server: given }, why: WHY_NOT.followsServer },
    { when: { adjustableAt: given }, why: WHY_NOT.adjustedToday },
  ],
  acceptClock: [{ when: { odd: nothing }, why: WHY_NOT.clockInOrder }],
  lookUpName: [{ when: { servers: nothing }, why: WHY_NOT.noDns }],
};

/** Null where nothing is known against it. */
export function whyNot(
  { id, needsUnlocked }: { readonly id: string; readonly needsUnlocked: boolean },
  thing: Readonly<Record<string, unknown>>,
  self: Self | undefined,
): string | null {
  if (needsUnlocked && self?.locked === true) return WHY_NOT.kmaLocked;
  const stands = ({ when }: Obstacle) =>
    Object.entries(when).every(([field, test]) => thing[field] !== undefined && test(thing[field], self));
  return OBSTACLES[id]?.find(stands)?.why ?? null;
}
