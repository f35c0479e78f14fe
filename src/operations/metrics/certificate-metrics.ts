/** When the certificates end that a KMA serves with: the root CA's and its own. It names no agent and no user. */
import { readCertificate } from '../cluster/member-key.ts';
import type { ViewContext } from '../contexts.ts';
import { gauge, type MetricRows } from './metric-rows.ts';

export function metricsOfCertificates({ state, self }: Pick<ViewContext, 'state' | 'self'>): MetricRows {
  const found = [
    { certificate: 'root CA', pem: state.get('certificate_authority', 'root')?.certificatePem },
    { certificate: 'KMA', pem: state.get('kma', self.kmaId)?.certificatePem },
  ];
  return found.flatMap(({ certificate, pem }) => {
    const read = readCertificate(pem ?? '');
    return read === null
      ? []
      : gauge(
          'openkma_certificate_not_after_timestamp_seconds',
          'When a certificate ends that this KMA serves with.',
          read.validToDate.getTime() / 1000,
          { certificate },
        );
  });
}
