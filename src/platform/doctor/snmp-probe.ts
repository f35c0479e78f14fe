/** Whether an SNMP manager is there: an engine of version 3 says who it is when it is asked. It is sent no event, no user and no key. */
import { type Finding, failed, ok, type Probe } from '@openkma/agent/doctor';
import { askEngine } from '../snmp/engine-question.ts';
import { Exchange } from '../snmp/exchange.ts';

export const snmpProbe: Probe = async (address, port, timeoutMs): Promise<Finding> => {
  const exchange = new Exchange(address, port, { timeoutMs: timeoutMs / 2, retries: 1 });
  try {
    const answered = await askEngine(exchange);
    return 'failed' in answered ? failed('udp-silent', answered.failed) : ok('an SNMPv3 engine answers');
  } finally {
    exchange.close();
  }
};
