/** Which DNS servers this KMA asks, and the domain of names without a dot. It looks nothing up. */
import { isIP } from 'node:net';
import { z } from 'zod';

/** As many as resolvers of operating systems take. */
export const DNS_SERVERS_MAX = 3;
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/i;

/** Labels of letters, digits and hyphens, as DNS takes them; without a dot at the end. */
export function isDomainName(text: string): boolean {
  return text.length <= 253 && text.split('.').every((label) => LABEL.test(label));
}

/** What a server is reached by. */
export function isHost(text: string): boolean {
  return isIP(text) !== 0 || isDomainName(text);
}

/** This machine by every name of it that is no question for a server (RFC 6761). */
export const LOCAL_ADDRESSES: readonly string[] = ['127.0.0.1'];

export function isLocalName(name: string): boolean {
  return /^(?:.+\.)?localhost\.?$/i.test(name);
}

/** Without servers no name is looked up. */
export const dnsSetting = z.strictObject({
  servers: z
    .array(z.string().refine((address) => isIP(address) !== 0, 'an IPv4 or IPv6 address'))
    .max(DNS_SERVERS_MAX)
    .default([]),
  domain: z
    .string()
    .refine((domain) => domain === '' || isDomainName(domain), 'a domain name')
    .default(''),
});
export type DnsSetting = z.infer<typeof dnsSetting>;
