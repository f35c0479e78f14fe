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
import { ask } from '../api/ask.ts';
import { TEXTS } from '../texts/en.ts';

export default function EnrolmentSheet({ agent }: { readonly agent: string }) {
  const kmas = useQuery({
    queryKey: ['sheet', 'kmas'],
    queryFn: () => ask('listKmas', {}),
  });
  const root = useQuery({
    queryKey: ['sheet', 'root'],
    queryFn: () => ask('showRootCa', {}),
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
