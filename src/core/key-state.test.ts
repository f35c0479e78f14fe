/** Key states over all combinations of what can happen to a key. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDestroyed, KEY_STATES, type KeyEvents, type KeyState, keyState } from './key-state.ts';
import type { Stamp } from './stamp.ts';

const DAY_MS = 86_400_000;
const NOW = 1_800_000_000_000;
const PERIODS = { encryptionPeriodSeconds: 86_400, cryptoperiodSeconds: 3 * 86_400 };
const STAMP = 'S' as Stamp;

/** Age since activation, or null: never activated. */
const AGES = {
  never: null,
  'not yet': -DAY_MS,
  new: 0,
  'last moment of encryption': DAY_MS - 1,
  'encryption over': DAY_MS,
  'last moment of decryption': 3 * DAY_MS - 1,
  'cryptoperiod over': 3 * DAY_MS,
} as const;
type Age = keyof typeof AGES;

interface Case {
  readonly age: Age;
  readonly processOnly: boolean;
  readonly revoked: boolean;
  readonly compromised: boolean;
  readonly destroyed: boolean;
  readonly policyKnown: boolean;
  readonly ready: boolean;
  readonly erased: boolean;
}

function allCases(): Case[] {
  const flags = [false, true];
  return (Object.keys(AGES) as Age[]).flatMap((age) =>
    flags.flatMap((processOnly) =>
      flags.flatMap((revoked) =>
        flags.flatMap((compromised) =>
          flags.flatMap((destroyed) =>
            flags.flatMap((policyKnown) =>
              flags.flatMap((ready) =>
                flags.map((erased) => ({
                  age,
                  processOnly,
                  revoked,
                  compromised,
                  destroyed,
                  policyKnown,
                  ready,
                  erased,
                })),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

/** The table: the first row whose cells agree gives the state; a cell that is not there agrees with everything. */
const TABLE: readonly (readonly [Partial<Case> | { readonly ages: readonly Age[] }, KeyState])[] = [
  [{ destroyed: true, compromised: true, erased: true }, 'DESTROYED_COMPROMISED_COMPLETE'],
  [{ destroyed: true, compromised: true, erased: false }, 'DESTROYED_COMPROMISED_INCOMPLETE'],
  [{ destroyed: true, erased: true }, 'DESTROYED_COMPLETE'],
  [{ destroyed: true, erased: false }, 'DESTROYED_INCOMPLETE'],
  [{ compromised: true }, 'COMPROMISED'],
  [{ revoked: true }, 'DEACTIVATED'],
  [{ age: 'never', ready: true }, 'READY'],
  [{ age: 'never', ready: false }, 'GENERATED'],
  [{ policyKnown: false }, 'PROCESS_ONLY'],
  [{ age: 'cryptoperiod over' }, 'DEACTIVATED'],
  [{ processOnly: true }, 'PROCESS_ONLY'],
  [{ ages: ['encryption over', 'last moment of decryption'] }, 'PROCESS_ONLY'],
  [{ ages: ['not yet', 'new', 'last moment of encryption'] }, 'PROTECT_AND_PROCESS'],
];

function expected(given: Case): KeyState | undefined {
  return TABLE.find(([row]) =>
    'ages' in row
      ? row.ages.includes(given.age)
      : Object.entries(row).every(([name, value]) => given[name as keyof Case] === value),
  )?.[1];
}

function stateOf(given: Case, nowMs = NOW): KeyState {
  const age = AGES[given.age];
  const events: KeyEvents = {
    activatedStamp: age === null ? null : STAMP,
    activatedAt: age === null ? null : NOW - age,
    processOnly: age === null ? null : Number(given.processOnly),
    revokedStamp: given.revoked ? STAMP : null,
    compromisedStamp: given.compromised ? STAMP : null,
    destroyedStamp: given.destroyed ? STAMP : null,
  };
  const copies = { ready: given.ready, erasedEverywhere: given.erased };
  return keyState(events, given.policyKnown ? PERIODS : null, copies, nowMs);
}

test('a key has the state of the table in every combination of events, periods, copies and time', () => {
  const cases = allCases();
  assert.equal(cases.length, 7 * 2 ** 7);
  for (const given of cases) assert.equal(stateOf(given), expected(given), JSON.stringify(given));
});

test('every one of the ten states is reached', () => {
  assert.deepEqual(new Set(allCases().map((given) => stateOf(given))), new Set(KEY_STATES));
  assert.equal(KEY_STATES.length, 10);
});

test('time never gives a key back to encryption', () => {
  for (const given of allCases().filter(({ age }) => age !== 'never')) {
    const states = [0, 1, 2, 3, 4, 50].map((days) => stateOf(given, NOW + days * DAY_MS));
    const lost = states.findIndex((state) => state !== 'PROTECT_AND_PROCESS');
    if (lost >= 0)
      assert.ok(!states.slice(lost).includes('PROTECT_AND_PROCESS'), JSON.stringify({ given, states }));
  }
});

test('a key activated without a date counts as old', () => {
  const events: KeyEvents = {
    activatedStamp: STAMP,
    activatedAt: null,
    processOnly: 0,
    revokedStamp: null,
    compromisedStamp: null,
    destroyedStamp: null,
  };
  assert.equal(keyState(events, PERIODS, { ready: true, erasedEverywhere: false }, NOW), 'DEACTIVATED');
});

test('exactly the four destroyed states count as destroyed', () => {
  assert.deepEqual(KEY_STATES.filter(isDestroyed), KEY_STATES.slice(6));
});
