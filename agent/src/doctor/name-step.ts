/** The first step: which addresses a name has, as the one who asks resolves it. Literal addresses pass. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { socketHost } from '../address.ts';
import { failed, ok, type Step, step } from './step.ts';
import { withinTime } from './within-time.ts';

/** All addresses of a name; rejects where it has none. */
export type Resolve = (name: string) => Promise<readonly string[]>;

export interface Resolved {
  readonly step: Step;
  /** Empty where the name has none. */
  readonly addresses: readonly string[];
}

/** As every program of this machine does it. */
export const systemResolve: Resolve = async (name) =>
  (await lookup(name, { all: true, order: 'ipv4first' })).map(({ address }) => address);

export async function nameStep(host: string, resolve: Resolve, timeoutMs: number): Promise<Resolved> {
  const startedMs = performance.now();
  const name = socketHost(host);
  if (isIP(name) !== 0)
    return { step: step('name', startedMs, ok(`${name} is an address`)), addresses: [name] };
  try {
    const addresses = await withinTime(timeoutMs, resolve(name));
    if (addresses === null)
      return none(startedMs, 'name-server-silent', `no answer within ${timeoutMs / 1000} s`);
    if (addresses.length === 0) return none(startedMs, 'name-unknown', `${name} has no address`);
    return { step: step('name', startedMs, ok(`${name} is ${addresses.join(', ')}`)), addresses };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const silent = code === 'EAI_AGAIN' || code === 'ETIMEOUT' || code === 'ETIMEDOUT';
    return none(startedMs, silent ? 'name-server-silent' : 'name-unknown', message);
  }
}

function none(startedMs: number, cause: 'name-unknown' | 'name-server-silent', detail: string): Resolved {
  return { step: step('name', startedMs, failed(cause, detail)), addresses: [] };
}
