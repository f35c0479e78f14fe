/** RebootKma, ShutDownKma and ResetKma: what ends this KMA's processes, at the appliance alone. They end nothing themselves: once it is in the audit, the supervisor is told. */
import { z } from 'zod';
import { refuse } from '../../core/refusal.ts';
import { flag, name } from '../fields.ts';
import { operation } from '../operation.ts';
import { warning } from '../success.ts';

/** No facts: what cannot be changed any more, or is no member, has to be ended too. */
const atAppliance = { atAppliance: true, quorum: false, needsUnlocked: false, changes: false } as const;

const operator = {
  ...atAppliance,
  callers: ['OPERATOR'],
  audit: { class: 'Operator', retention: 'long' },
} as const;

export const rebootKma = operation({
  ...operator,
  name: 'RebootKma',
  summary:
    'Ends the processes of this KMA and starts them anew; without autonomous unlocking it then is locked.',
  input: z.strictObject({}),
  output: z.null(),
  command: { words: ['reboot'], example: 'kma reboot --user operator' },
  decide: () => ({
    facts: [],
    output: null,
    audit: warning('Reboot', ''),
    effects: [{ effect: 'end', why: 'reboot' }],
  }),
});

export const shutDownKma = operation({
  ...operator,
  name: 'ShutDownKma',
  summary: 'Ends the processes of this KMA, until somebody starts them at this machine.',
  input: z.strictObject({}),
  output: z.null(),
  command: { words: ['shut-down'], example: 'kma shut-down --user operator' },
  decide: () => ({
    facts: [],
    output: null,
    audit: warning('Shutdown', ''),
    effects: [{ effect: 'end', why: 'shut-down' }],
  }),
});

export const resetKma = operation({
  ...atAppliance,
  callers: ['SECURITY_OFFICER'],
  audit: { class: 'Security Officer', retention: 'long' },
  name: 'ResetKma',
  summary: 'Ends this KMA, removes everything of it from this machine, and leaves it as before QuickStart.',
  input: z.strictObject({
    kma: name('name of this KMA, so that no other one is meant'),
    zeroise: flag('write over every file before it is removed').default(false),
  }),
  output: z.null(),
  command: {
    words: ['factory-reset'],
    arguments: ['kma'],
    example: 'kma factory-reset kma-1 --zeroise --user officer',
  },
  decide({ kma, zeroise }, { self }) {
    if (kma !== self.kmaName) return refuse('INVALID_PARAMETERS', 'kma: that is not the name of this KMA');
    return {
      facts: [],
      output: null,
      audit: warning('Reset to factory default', `kma=${kma} zeroise=${zeroise}`),
      effects: [{ effect: 'end', why: zeroise ? 'zeroise' : 'reset' }],
    };
  },
});

export const endingOperations = [rebootKma, shutDownKma, resetKma];
