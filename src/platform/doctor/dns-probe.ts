/** Whether a DNS server answers: one harmless question; that it knows the name does not matter. */
import { Resolver } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import { type Finding, failed, ok, type Probe } from '@openkma/agent/doctor';

/** What the server itself said, or that it said nothing that could be understood. */
const ANSWERS = new Set(['ENOTFOUND', 'ENODATA', 'ESERVFAIL', 'EREFUSED', 'ENOTIMP', 'EFORMERR']);

/** Asks for the domain of this KMA, or for the root's own records. */
export function dnsProbe(domain: string): Probe {
  return async (address, port, timeoutMs): Promise<Finding> => {
    const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
    resolver.setServers([isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`]);
    try {
      await resolver.resolveNs(domain === '' ? '.' : domain);
      return ok('answers');
    } catch (error) {
      const { code = 'error' } = error as NodeJS.ErrnoException;
      return ANSWERS.has(code) ? ok(`answers (${code})`) : failed('udp-silent', `no answer (${code})`);
    }
  };
}
