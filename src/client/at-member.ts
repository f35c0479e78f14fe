/** What a KMA asks of a member on its way into the cluster: one that does not answer is a member with other ports than those for people. It asks nothing itself. */
import { OpenKmaError } from '../errors.ts';

export async function atMember<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OpenKmaError) || error.code !== 'KMA_UNREACHABLE') throw error;
    throw new OpenKmaError('MEMBER_UNREACHABLE', error.detail);
  }
}
