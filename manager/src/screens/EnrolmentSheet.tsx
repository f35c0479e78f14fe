/** A sheet for the person at the drive: what an agent has to be told to enrol, without its passphrase. */
import {
  Button,
  DescriptionList,
  DescriptionListDescription,
  DescriptionListGroup,
  DescriptionListTerm,
  Title,
} from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { call } from '../api/call.ts';
import { operation } from '../api/catalogue.ts';
import { TEXTS } from '../texts/en.ts';

interface Kmas {
  readonly rows: readonly {
    readonly kma: string;
    readonly serviceAddress: string;
    readonly serviceIpv6Address: string;
  }[];
}

export default function EnrolmentSheet({ agent }: { readonly agent: string }) {
  const kmas = useQuery({
    queryKey: ['sheet', 'kmas'],
    queryFn: async () => (await call(operation('listKmas'), {})).body as Kmas,
  });
  const root = useQuery({
    queryKey: ['sheet', 'root'],
    queryFn: async () =>
      (await call(operation('showRootCa'), {})).body as { readonly publicKeySha256: string },
  });
  return (
    <>
      <Title headingLevel="h1">{TEXTS.enrolmentSheet}</Title>
      <p>{TEXTS.enrolmentIntro}</p>
      <DescriptionList isHorizontal>
        <DescriptionListGroup>
          <DescriptionListTerm>{TEXTS.agentId}</DescriptionListTerm>
          <DescriptionListDescription>{agent}</DescriptionListDescription>
        </DescriptionListGroup>
        <DescriptionListGroup>
          <DescriptionListTerm>{TEXTS.addresses}</DescriptionListTerm>
          <DescriptionListDescription>
            {kmas.data?.rows.map(({ kma, serviceAddress, serviceIpv6Address }) => (
              <div key={kma}>
                {[kma, serviceAddress, serviceIpv6Address].filter((part) => part !== '').join('  ')}
              </div>
            ))}
          </DescriptionListDescription>
        </DescriptionListGroup>
        <DescriptionListGroup>
          <DescriptionListTerm>{TEXTS.caKey}</DescriptionListTerm>
          <DescriptionListDescription>
            <span className="okm-code">{root.data?.publicKeySha256}</span>
          </DescriptionListDescription>
        </DescriptionListGroup>
      </DescriptionList>
      <Button className="okm-not-on-paper" onClick={() => print()}>
        {TEXTS.print}
      </Button>
    </>
  );
}
