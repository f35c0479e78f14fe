/** The one NTP server of this KMA, by name or address. It asks nobody. */
import { z } from 'zod';
import { isHost } from './dns.ts';

export const NTP_PORT = 123;

/** Without a server the clock of the machine is as it is, and nobody is served the time. */
export const ntpSetting = z.strictObject({
  server: z
    .string()
    .refine((server) => server === '' || isHost(server), 'a name or an address')
    .default(''),
  port: z.int().min(1).max(65_535).default(NTP_PORT),
});
