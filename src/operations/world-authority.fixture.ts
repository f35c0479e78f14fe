/** The root CA of the worlds of tests. It issues nothing itself. */
import { SETTINGS } from '../core/settings.ts';
import { createRootCa } from '../security/certificates.ts';

let authority: ReturnType<typeof makeAuthority> | null = null;
const makeAuthority = async () => ({
  ...(await createRootCa({
    digest: 'SHA-256',
    nowMs: Date.UTC(2026, 0, 1),
    days: SETTINGS.rootCaDays.default,
  })),
  digest: 'SHA-256' as const,
});

/** One for all tests of a file: making it takes a while. */
export function certificateAuthority(): ReturnType<typeof makeAuthority> {
  authority ??= makeAuthority();
  return authority;
}
