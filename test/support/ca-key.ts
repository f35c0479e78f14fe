/** The key of a KMA's root CA as clients pin it. It asks at the appliance. */
import { OFFICER, type Person, type TestKma } from './kma.ts';

export async function caKeyOf(kma: TestKma, officer: Person = OFFICER): Promise<string> {
  return (await kma.ask<{ publicKeySha256: string }>('ShowRootCa', {}, officer)).publicKeySha256;
}
