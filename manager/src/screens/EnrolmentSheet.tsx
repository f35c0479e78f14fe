/** A sheet for the person at the drive: what an agent has to be told to enrol, and the command for it, without its passphrase. */
import {
  Button,
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
  Title,
} from '@patternfly/react-core';
import { useQueries } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ask } from '../api/ask.ts';
import { ProblemAlert } from '../shell/ProblemAlert.tsx';
import { TEXTS } from '../texts/en.ts';
import { SCREEN_TEXTS } from '../texts/screens.ts';
import { enrolCommand } from './enrolment.ts';

export default function EnrolmentSheet({ agent }: { readonly agent: string }) {
  const [kmas, root, ports] = useQueries({
    queries: [
      { queryKey: ['sheet', 'kmas'], queryFn: () => ask('listKmas', {}) },
      { queryKey: ['sheet', 'root'], queryFn: () => ask('showRootCa', {}) },
      {
        queryKey: ['sheet', 'ports'],
        queryFn: () => ask('listPorts', { filter: ['direction=listening'] }),
      },
    ],
  });
  const error = kmas.error ?? root.error ?? ports.error;
  const addressed = (kmas.data?.rows ?? []).map((kma) => ({
    ...kma,
    addresses: [kma.serviceAddress, kma.serviceIpv6Address].filter((address) => address !== ''),
  }));
  // One that answers now, so that enrolling works at once.
  const first = addressed.find(({ responding }) => responding) ?? addressed[0];
  const [address] = first?.addresses ?? [];
  return (
    <>
      <Title headingLevel="h1">{TEXTS.enrolmentSheet}</Title>
      <p>{TEXTS.enrolmentIntro}</p>
      {error !== null && <ProblemAlert error={error} />}
      <DescriptionList isHorizontal horizontalTermWidthModifier={{ md: '30ch' }}>
        <Line term={TEXTS.agentId}>{agent}</Line>
        <Line term={TEXTS.addresses}>
          {addressed.map(({ kma, addresses }) => (
            <div key={kma}>{[kma, ...addresses].join('  ')}</div>
          ))}
        </Line>
        <Line term={TEXTS.caKey}>
          <span className="okm-code">{root.data?.publicKeySha256}</span>
        </Line>
        {address !== undefined && root.data !== undefined && ports.data !== undefined && (
          <Line term={SCREEN_TEXTS.enrolCommand}>
            <pre className="okm-pre">
              {enrolCommand({
                agent,
                address,
                caKeySha256: root.data.publicKeySha256,
                ports: ports.data.rows,
              })}
            </pre>
            <small>{SCREEN_TEXTS.enrolCommandHint}</small>
          </Line>
        )}
      </DescriptionList>
      <p className="okm-not-on-paper">
        <Button onClick={() => print()}>{TEXTS.print}</Button>
      </p>
    </>
  );
}

function Line({ term, children }: { readonly term: string; readonly children: ReactNode }) {
  return (
    <DescriptionListGroup>
      <DescriptionListTerm>{term}</DescriptionListTerm>
      <DescriptionListDescription>{children}</DescriptionListDescription>
    </DescriptionListGroup>
  );
}
