/** Operations on cluster-wide security parameters and on this KMA's own settings: TLS minimum, clock. */
import { z } from 'zod';
import { set } from '../core/facts.ts';
import {
  readSetting,
  SECURITY_PARAMETERS,
  type SecurityParameterName,
  settingFact,
} from '../core/settings.ts';
import type { StateView } from '../core/state.ts';
import { machineOfficer, reading, securityOfficer } from './common-settings.ts';
import { operation } from './operation.ts';
import { MINIMUM_TLS } from './quickstart.ts';
import { type Entity, rowVersion } from './row-version.ts';
import { success, warning } from './success.ts';

const NAMES = Object.keys(SECURITY_PARAMETERS) as SecurityParameterName[];
const whole = (name: SecurityParameterName) => {
  const parameter = SECURITY_PARAMETERS[name];
  if (parameter.kind !== 'integer') throw new Error(`${name} is no number`);
  const { minimum, maximum } = parameter;
  return z
    .int()
    .min(minimum)
    .max(maximum)
    .meta({ description: `${minimum} to ${maximum}` })
    .optional();
};

/** One field for each parameter, none required; ranges are those of the register. */
const parameters = z
  .strictObject({
    longTermRecords: whole('longTermRecords'),
    longTermDays: whole('longTermDays'),
    mediumTermRecords: whole('mediumTermRecords'),
    mediumTermDays: whole('mediumTermDays'),
    shortTermRecords: whole('shortTermRecords'),
    shortTermDays: whole('shortTermDays'),
    loginAttemptLimit: whole('loginAttemptLimit'),
    passphraseMinimumLength: whole('passphraseMinimumLength'),
    sessionInactivityMinutes: whole('sessionInactivityMinutes'),
    fipsModeOnly: z.boolean().meta({ description: 'agents get wrapped keys only' }).optional(),
    pendingCredentialsHours: whole('pendingCredentialsHours'),
    rootCaDays: whole('rootCaDays'),
    entityCertificateDays: whole('entityCertificateDays'),
  } satisfies Record<SecurityParameterName, z.ZodType>)
  .refine((input) => Object.keys(input).length > 0, 'nothing to change');

function shown(state: StateView): Record<SecurityParameterName, number | boolean> {
  return Object.fromEntries(NAMES.map((name) => [name, readSetting(state, name)])) as ReturnType<
    typeof shown
  >;
}

/** Of all parameters together. */
const entity: Entity<unknown> = {
  version: (state) => rowVersion(...NAMES.map((name) => state.get('setting', name))),
};

export const showSecurityParameters = operation({
  ...reading,
  name: 'ShowSecurityParameters',
  http: { method: 'GET', path: '/v1/security-parameters' },
  entity,
  summary: 'Shows the security parameters.',
  input: z.strictObject({}),
  output: z.strictObject(Object.fromEntries(NAMES.map((name) => [name, z.union([z.number(), z.boolean()])]))),
  command: { words: ['security', 'show'], example: 'kma security show --user auditor' },
  view: (_input, { state }) => shown(state),
});

export const modifySecurityParameters = operation({
  ...securityOfficer,
  name: 'ModifySecurityParameters',
  http: { method: 'PATCH', path: '/v1/security-parameters' },
  entity,
  summary: 'Changes security parameters of the cluster.',
  input: parameters,
  output: z.null(),
  command: {
    words: ['security', 'modify'],
    example: 'kma security modify --login-attempt-limit 3 --user officer',
  },
  decide(input, { state }) {
    const changed = NAMES.flatMap((name) => {
      const value = input[name];
      return value === undefined ? [] : [{ name, value, before: readSetting(state, name) }];
    });
    const message = changed.map(({ name, value, before }) => `${name}=${value} before=${before}`).join(' ');
    // Either way agents are in for it: some get no keys any more, or keys leave unwrapped again.
    const fips = changed.find(({ name, value, before }) => name === 'fipsModeOnly' && value !== before);
    const condition = fips?.value === true ? 'Plain keys refused' : 'Plain keys allowed';
    return {
      facts: changed.map(({ name, value }) => settingFact(name, value)),
      output: null,
      audit: fips === undefined ? success(message) : warning(condition, message),
    };
  },
});

export const showAcceptableTls = operation({
  ...reading,
  name: 'ShowAcceptableTls',
  summary: "Shows the lowest TLS version of this KMA's agent ports.",
  input: z.strictObject({}),
  output: z.strictObject({ minimum: z.enum(MINIMUM_TLS) }),
  command: { words: ['tls', 'show'], example: 'kma tls show --user auditor' },
  http: { method: 'GET', path: '/v1/acceptable-tls' },
  view: (_input, { state, self }) => ({ minimum: state.get('kma', self.kmaId)?.minimumTls ?? '1.2' }),
});

export const setAcceptableTls = operation({
  ...securityOfficer,
  name: 'SetAcceptableTls',
  http: { method: 'PUT', path: '/v1/acceptable-tls' },
  summary: "Sets the lowest TLS version of this KMA's agent ports.",
  input: z.strictObject({
    minimum: z.enum(MINIMUM_TLS).meta({ description: 'lowest TLS version; older agents need 1.0' }),
  }),
  output: z.null(),
  command: {
    words: ['tls', 'set'],
    arguments: ['minimum'],
    example: 'kma tls set 1.0 --user officer',
  },
  decide: ({ minimum }, { self }) => ({
    facts: [set('kma', self.kmaId, { minimumTls: minimum })],
    output: null,
    audit:
      minimum < '1.2'
        ? warning('Old TLS versions accepted', `minimum=${minimum}`)
        : success(`minimum=${minimum}`),
    effects: [{ effect: 'tls-changed' }],
  }),
});

export const acceptClock = operation({
  ...machineOfficer,
  quorum: true,
  earlierKeySplit: true,
  name: 'AcceptClock',
  http: { method: 'POST', path: '/v1/clock/accept' },
  summary: 'Accepts the time of this KMA as it is, after its clock was found odd.',
  input: z.strictObject({}),
  output: z.strictObject({ time: z.string() }),
  command: {
    words: ['clock', 'accept'],
    example: 'kma clock accept --user officer --quorum-file quorum.txt',
  },
  decide(_input, { nowMs }) {
    const time = new Date(nowMs).toISOString();
    return {
      facts: [],
      output: { time },
      audit: success(`time=${time}`),
      effects: [{ effect: 'accept-clock' }],
    };
  },
});

export const settingsOperations = [
  showSecurityParameters,
  modifySecurityParameters,
  showAcceptableTls,
  setAcceptableTls,
  acceptClock,
];
