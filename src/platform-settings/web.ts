/** The certificate of the web Manager's port, where another than the KMA's own was loaded, and the key of one that was asked for. A row of this machine: in no backup, replicated to nobody. It reads no store. */
import { z } from 'zod';

const pem = z.string().max(256 * 1024);

export const webSetting = z.strictObject({
  /** Waits for its certificate; PKCS#8, "" where none was asked for. */
  requestedKeyPem: pem.default(''),
  /** With those between it and its CA; "" where the KMA shows its own. */
  certificatePem: pem.default(''),
  keyPem: pem.default(''),
});
export type WebSetting = z.infer<typeof webSetting>;

const ROW = 'web.certificate';

/** What an operation gives as `local` of what it accepts. */
export function webRow(setting: WebSetting): Record<string, string> {
  return { [ROW]: JSON.stringify(setting) };
}

/** What is missing or malformed counts as the default. */
export function readWebSetting(getLocal: (name: string) => string | undefined): WebSetting {
  try {
    return webSetting.parse(JSON.parse(getLocal(ROW) ?? '{}'));
  } catch {
    return webSetting.parse({});
  }
}
