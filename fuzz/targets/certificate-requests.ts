/** Certificate requests as users send them (PKCS#10): whatever is changed in one, nobody else is named in what is taken, and nothing throws. */
import { readCertificateRequest } from '../../src/security/certificate-request.ts';
import { type FuzzTarget, type OpenTarget, promise } from '../target.ts';

const NAME = 'olga';
/** Sound ones of P-256 and Ed25519; their private keys are nowhere. */
const SOUND = [
  'MIHJMHECAQAwDzENMAsGA1UEAwwEb2xnYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNMFDoyN8n+94ybFes7vWGsxMDtsOtZu/Eghh0goZpklLDbg96PveXZdpNcNdgWkrh2MtQoIHLqFbIjMEyUUXO2gADAKBggqhkjOPQQDAgNIADBFAiB2qlqeokuc5tsuzM06IKczFRQgRI78zPRsMb18lNHDCwIhAIrZB42gbCnemCI+0VRbWwe/bfUNoWWZoY1VCp6pJLkd',
  'MIGOMEICAQAwDzENMAsGA1UEAwwEb2xnYTAqMAUGAytlcAMhAAnGlG6kDhBbNzVswFQUH1J2ObOx5MD8TDoyXCYlQvdaoAAwBQYDK2VwA0EAwTwsYscg+Ezv8/2dnJfRM43r2L2k2MpGyTNnZfkbGTfrm+NkmoXX8hCDvwR8qJkfbPJGphlkcxcb3Vcd5yDuDw==',
].map((text) => Buffer.from(text, 'base64'));

const open: OpenTarget = {
  generate: (random) => random.pick(SOUND),
  async run(input) {
    const lines = Buffer.from(input).toString('base64');
    const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`;
    const request = await readCertificateRequest(pem);
    if (request === null) return 'refused';
    promise(request.commonName === NAME, 'a request was taken whose name nobody signed');
    return `taken, a key of ${request.publicKey.length} bytes`;
  },
  close: async () => undefined,
};

export const certificateRequests: FuzzTarget = {
  name: 'certificate-requests',
  smokeInputs: 1_000,
  words: [NAME, 'admin', '\x30\x80', '\x06\x03\x55\x04\x03', '\x30\x84\xff\xff\xff\xff', '\x00\x00'],
  steered: true,
  open: async () => open,
};
