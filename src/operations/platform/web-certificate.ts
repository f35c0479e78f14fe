/** The certificate that browsers see at the web Manager's port: ask for one of another CA, load it, look at it, go back to the KMA's own. The key of a request never leaves the KMA. */
import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { isHost } from '../../platform-settings/dns.ts';
import { readWebSetting, type WebSetting, webRow } from '../../platform-settings/web.ts';
import { type LoadedClient, readClient } from '../../security/pem-credentials.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import type { WebCertificateRequest } from '../../security/web-certificate-request.ts';
import { machineOfficer, reading } from '../common-settings.ts';
import type { DecideContext } from '../contexts.ts';
import type { Effect } from '../effects.ts';
import { certificates, dateText, privateKey } from '../fields.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';

const NAMES_MAX = 16;
const name = z.string().max(253).refine(isHost, 'an address, or a name as DNS has them');

/** What was is overwritten; the write-ahead log has it for a while. */
const CHANGED: readonly Effect[] = [{ effect: 'tls-changed' }, { effect: 'secret-forgotten' }];

/** Where there is no running core there is none. */
function settingOf({ webSetting }: Pick<DecideContext, 'webSetting'>): WebSetting {
  return webSetting?.() ?? readWebSetting(() => undefined);
}

export const requestWebCertificate = operation({
  ...machineOfficer,
  name: 'RequestWebCertificate',
  http: { method: 'POST', path: '/v1/web-certificate/requests' },
  summary: "Makes a key for the web Manager's port and a certificate request (PKCS#10) for another CA.",
  input: z.strictObject({
    names: z
      .array(name)
      .min(1)
      .max(NAMES_MAX)
      .meta({ description: 'all names and addresses that browsers come by; the first is the common name' }),
  }),
  output: z.strictObject({ requestPem: z.string() }),
  command: {
    words: ['web-certificate', 'request'],
    example: 'kma web-certificate request --names kma-1.example.com,192.0.2.10 --user officer',
  },
  async prepare({ names }) {
    // Loaded here: the processes that only show operations need none of what writes X.509.
    const { makeWebCertificateRequest } = await import('../../security/web-certificate-request.ts');
    return makeWebCertificateRequest(names);
  },
  decide({ names }, context, { keyPem, requestPem }: WebCertificateRequest) {
    return {
      facts: [],
      local: webRow({ ...settingOf(context), requestedKeyPem: keyPem }),
      output: { requestPem },
      audit: success(`names=${names.join(',')}`),
    };
  },
});

export const loadWebCertificate = operation({
  ...machineOfficer,
  name: 'LoadWebCertificate',
  http: { method: 'PUT', path: '/v1/web-certificate' },
  summary:
    "Loads a certificate for the web Manager's port: that of the last request, or one with its own key.",
  input: z.strictObject({
    certificate: certificates('the certificate, and behind it those between it and its CA'),
    key: privateKey('its key, not under a passphrase, where it was not asked for here').optional(),
  }),
  output: z.null(),
  command: {
    words: ['web-certificate', 'load'],
    example: 'kma web-certificate load --certificate-file kma-1.pem --user officer',
  },
  decide({ certificate, key }, context) {
    const setting = settingOf(context);
    const loaded = loadedFrom(certificate, key, setting, context.nowMs);
    if (isRefusal(loaded)) return loaded;
    const [first] = loaded.about;
    return {
      facts: [],
      local: webRow({ requestedKeyPem: '', certificatePem: loaded.pem, keyPem: loaded.keyPem }),
      output: null,
      effects: CHANGED,
      audit: success(`subject=${first?.subject ?? ''} sha256=${first?.sha256 ?? ''}`),
    };
  },
});

function loadedFrom(
  certificate: string,
  key: SecretBytes | undefined,
  { requestedKeyPem }: WebSetting,
  nowMs: number,
): LoadedClient | Refusal {
  if (key === undefined && requestedKeyPem === '')
    return refuse('WEB_CERTIFICATE_UNUSABLE', 'no certificate was asked for here, and no key is given');
  const own = key ?? SecretBytes.fromText(requestedKeyPem);
  const loaded = readClient(certificate, own, nowMs);
  own.wipe();
  return typeof loaded === 'string' ? refuse('WEB_CERTIFICATE_UNUSABLE', loaded) : loaded;
}

export const showWebCertificate = operation({
  ...reading,
  name: 'ShowWebCertificate',
  http: { method: 'GET', path: '/v1/web-certificate' },
  summary: "Shows which certificate browsers see at the web Manager's port.",
  input: z.strictObject({}),
  output: z.strictObject({
    /** False: the KMA's own, of the cluster's CA. */
    loaded: z.boolean(),
    subject: z.string(),
    names: z.string(),
    issuer: z.string(),
    validTo: z.string(),
    fingerprint: z.string(),
    /** A request waits for its certificate. */
    requested: z.boolean(),
  }),
  command: { words: ['web-certificate', 'show'], example: 'kma web-certificate show --user auditor' },
  decide(_input, context) {
    const { certificatePem, requestedKeyPem } = settingOf(context);
    const own = context.state.get('kma', context.self.kmaId)?.certificatePem ?? '';
    const shown = new X509Certificate(certificatePem === '' ? own : certificatePem);
    return {
      facts: [],
      output: {
        loaded: certificatePem !== '',
        subject: oneLine(shown.subject),
        names: shown.subjectAltName ?? '',
        issuer: oneLine(shown.issuer),
        validTo: dateText(shown.validToDate.getTime()),
        fingerprint: shown.fingerprint256,
        requested: requestedKeyPem !== '',
      },
    };
  },
});

function oneLine(distinguishedName: string): string {
  return distinguishedName.replaceAll('\n', ', ');
}

export const removeWebCertificate = operation({
  ...machineOfficer,
  name: 'RemoveWebCertificate',
  http: { method: 'DELETE', path: '/v1/web-certificate' },
  summary: "Takes the loaded certificate and its key away; browsers see the KMA's own again.",
  input: z.strictObject({}),
  output: z.null(),
  command: { words: ['web-certificate', 'remove'], example: 'kma web-certificate remove --user officer' },
  decide(_input, context) {
    if (settingOf(context).certificatePem === '') return refuse('WEB_CERTIFICATE_UNUSABLE', 'none is loaded');
    return {
      facts: [],
      local: webRow({ requestedKeyPem: '', certificatePem: '', keyPem: '' }),
      output: null,
      effects: CHANGED,
      audit: success('certificate=own'),
    };
  },
});
