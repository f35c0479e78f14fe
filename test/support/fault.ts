/** The number of the fault that a call of an agent ends with, also where the agent gave up after asking elsewhere. */
import { AgentError, SoapFault } from '@openkma/agent';

/** Null where the call succeeds; anything but a fault of the protocol is thrown on. */
export async function faultOf(call: Promise<unknown>): Promise<number | null> {
  try {
    await call;
    return null;
  } catch (error) {
    const fault = error instanceof AgentError && error.cause !== undefined ? error.cause : error;
    if (fault instanceof SoapFault) return fault.number;
    throw error;
  }
}
