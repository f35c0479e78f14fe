/** SetNtpServer: which server the clock of this KMA follows. It is asked before it is set, and refused where it does not answer or is too far off; no clock is set here. */
import { z } from 'zod';
import { CLOCK_ADJUSTED_AT, CLOCK_OFFSET } from '../../core/clock-adjustment.ts';
import { CLOCK_TOLERANCE_MS } from '../../core/clock-guard.ts';
import { isRefusal, refuse } from '../../core/refusal.ts';
import { isTooFar } from '../../core/time-following.ts';
import { isHost } from '../../platform-settings/dns.ts';
import { settingRow } from '../../platform-settings/index.ts';
import { NTP_PORT } from '../../platform-settings/ntp.ts';
import { machineOfficer } from '../common-settings.ts';
import type { DecideContext } from '../contexts.ts';
import { text } from '../fields.ts';
import { type Accepted, operation } from '../operation.ts';
import { success } from '../success.ts';
import { settingsOf } from './common.ts';

/** Instead of a server. */
const NONE = 'none';

const probed = z.strictObject({ address: z.string(), aheadSeconds: z.number() });

const outcome = z.strictObject({
  server: z.string(),
  /** By how much the clock of the machine was ahead when it was asked; null without a server. */
  aheadSeconds: z.number().nullable(),
});

export const setNtpServer = operation({
  ...machineOfficer,
  name: 'SetNtpServer',
  http: { method: 'PUT', path: '/v1/time/server' },
  summary: 'Sets the NTP server that the clock of this KMA follows, after having asked it; or removes it.',
  input: z.strictObject({
    server: text(1, 253, `name or address of the server; "${NONE}" to follow none`).refine(
      (server) => server === NONE || isHost(server),
      'a name or an address',
    ),
    port: z.int().min(1).max(65_535).default(NTP_PORT).meta({ description: 'its UDP port' }),
  }),
  output: outcome,
  command: {
    words: ['time', 'set-server'],
    arguments: ['server'],
    example: 'kma time set-server ntp.example.com --user officer',
  },
  async prepare({ server, port }, { platform }) {
    if (server === NONE) return null;
    if (platform === undefined) return refuse('PLATFORM_NOT_THERE');
    const answer = await platform.ask('time', { ask: 'probe', server, port });
    return isRefusal(answer) ? answer : probed.parse(answer);
  },
  decide({ server, port }, context, found: z.infer<typeof probed> | null) {
    if (found === null) return accepted({ server: '', port: NTP_PORT }, context, null);
    const { aheadSeconds, address } = found;
    const { machineMs, offsetMs, lastStampMs } = context.clock?.() ?? NOT_ADJUSTED;
    const far = [aheadSeconds, aheadSeconds + offsetMs / 1000].find(isTooFar);
    if (far !== undefined) return refuse('NTP_OFFSET_TOO_GREAT', `${Math.round(far)} s ahead of ${address}`);
    // From now on the time is that of the machine, which the server rules.
    if (offsetMs > 0 && lastStampMs - machineMs > CLOCK_TOLERANCE_MS) return refuse('CLOCK_BEHIND_RECORDS');
    return accepted({ server, port }, context, found);
  },
});

function accepted(
  setting: { readonly server: string; readonly port: number },
  context: DecideContext,
  found: z.infer<typeof probed> | null,
): Accepted<z.infer<typeof outcome>> {
  const before = settingsOf(context).ntp;
  const { offsetMs, machineMs } = context.clock?.() ?? NOT_ADJUSTED;
  const moves = found !== null && offsetMs !== 0;
  const asked = found === null ? '' : ` address=${found.address} ahead=${found.aheadSeconds}`;
  const moved = moves ? ` adjusted-before=${offsetMs / 1000}` : '';
  return {
    facts: [],
    local: {
      ...settingRow('ntp', setting),
      ...(moves && { [CLOCK_OFFSET]: '0', [CLOCK_ADJUSTED_AT]: String(machineMs) }),
    },
    output: { server: setting.server, aheadSeconds: found?.aheadSeconds ?? null },
    effects: [{ effect: 'platform-changed' }, ...(moves ? [{ effect: 'clock-adjusted' } as const] : [])],
    audit: success(
      `server=${setting.server || NONE} port=${setting.port} before=${before.server || NONE}${asked}${moved}`,
    ),
  };
}

/** Where there is no running core. */
const NOT_ADJUSTED = { machineMs: 0, offsetMs: 0, lastStampMs: 0 };
