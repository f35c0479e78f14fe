/** ShowDns, SetDns and LookUpName: the DNS servers and the domain of this KMA, by which alone it looks names up. Nothing is looked up here. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { isRefusal, refuse } from '../../core/refusal.ts';
import { DNS_SERVERS_MAX, isDomainName } from '../../platform-settings/dns.ts';
import { settingRow } from '../../platform-settings/index.ts';
import { machineOfficer, reading } from '../common-settings.ts';
import { text } from '../fields.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';
import { settingsOf, summaryOf } from './common.ts';

const UNUSABLE = new Set(['0.0.0.0', '::', '255.255.255.255']);

const serverAddress = z
  .string()
  .max(64)
  .refine((address) => isIP(address) !== 0, 'an IPv4 or IPv6 address')
  .refine((address) => !UNUSABLE.has(address), 'the address of one machine');

const domainName = text(1, 253, 'of names without a dot').refine(isDomainName, 'a domain name');

export const showDns = operation({
  ...reading,
  name: 'ShowDns',
  http: { method: 'GET', path: '/v1/dns' },
  summary: 'Shows the DNS servers and the domain of this KMA, and how look-ups fare.',
  input: z.strictObject({}),
  output: z.strictObject({
    /** In the order in which they are asked. */
    servers: z.array(z.string()),
    domain: z.string(),
    state: z.string(),
  }),
  command: { words: ['dns', 'show'], example: 'kma dns show --user auditor' },
  decide: (_input, context) => ({
    facts: [],
    output: { ...settingsOf(context).dns, state: summaryOf(context, 'names') },
  }),
});

export const setDns = operation({
  ...machineOfficer,
  name: 'SetDns',
  http: { method: 'PUT', path: '/v1/dns' },
  summary: 'Sets the DNS servers and the domain of this KMA; without servers it looks up no name.',
  input: z.strictObject({
    servers: z
      .array(serverAddress)
      .max(DNS_SERVERS_MAX)
      .refine((servers) => new Set(servers).size === servers.length, 'each once')
      .meta({ description: `addresses of up to ${DNS_SERVERS_MAX} servers; "" for none` }),
    domain: domainName.optional(),
  }),
  output: z.null(),
  command: {
    words: ['dns', 'set'],
    example: 'kma dns set --servers 192.0.2.53 --domain example.com --user officer',
  },
  decide({ servers, domain = '' }, context) {
    const before = settingsOf(context).dns;
    return {
      facts: [],
      local: settingRow('dns', { servers, domain }),
      output: null,
      effects: [{ effect: 'platform-changed' }],
      audit: success(
        `servers=${servers.join(',')} domain=${domain} before=${before.servers.join(',')} domain-before=${before.domain}`,
      ),
    };
  },
});

const answered = z.strictObject({ addresses: z.array(z.string()) });

export const lookUpName = operation({
  ...reading,
  callers: ['SECURITY_OFFICER', 'OPERATOR'],
  name: 'LookUpName',
  http: { method: 'POST', path: '/v1/dns/look-up' },
  summary: 'Looks a name up as this KMA does: by its DNS servers alone.',
  input: z.strictObject({ hostName: text(1, 253, 'the name') }),
  output: answered,
  command: {
    words: ['dns', 'look-up'],
    arguments: ['hostName'],
    example: 'kma dns look-up ntp.example.com --user officer',
  },
  async prepare({ hostName }, { platform }) {
    if (platform === undefined) return refuse('PLATFORM_NOT_THERE');
    const answer = await platform.ask('names', { name: hostName });
    return isRefusal(answer) ? answer : answered.parse(answer);
  },
  decide: ({ hostName }, _context, found: z.infer<typeof answered>) => ({
    facts: [],
    output: found,
    audit: success(`name=${hostName} addresses=${found.addresses.join(',')}`),
  }),
});
