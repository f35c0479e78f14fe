/** What a core proves before it makes or opens anything: its primitives, and the key pair that agents' keys travel under. It serves nobody. */
import { createKwkTable, type KwkTable } from '../../security/kwk.ts';
import { BadPairError } from '../../security/pair-check.ts';

export type SelfTest = () => Promise<readonly string[]>;

export type SelfCheck =
  | { readonly passed: true; readonly kwks: KwkTable }
  | { readonly passed: false; readonly reason: string; readonly recordable: boolean };

export async function checkSelf(selfTest: SelfTest): Promise<SelfCheck> {
  const failed = await selfTest();
  if (failed.length > 0) {
    const reason = `the self-test failed: ${failed.join(', ')}`;
    // A record chained with a wrong hash would spoil the audit for good.
    return { passed: false, reason, recordable: !failed.includes('SHA-256') };
  }
  try {
    return { passed: true, kwks: await createKwkTable() };
  } catch (error) {
    if (!(error instanceof BadPairError)) throw error;
    return { passed: false, reason: error.message, recordable: true };
  }
}
