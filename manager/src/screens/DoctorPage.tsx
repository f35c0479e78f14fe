/** The doctor of the KMA one is connected to: it looks at the other KMAs and at the servers that this one uses, and says what is broken and what to change. It changes nothing. */
import { Alert, Button, ExpandableSection, Label, Spinner, Title } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useMutation } from '@tanstack/react-query';
import { call } from '../api/call.ts';
import { operation } from '../api/catalogue.ts';
import { ProblemAlert } from '../shell/ProblemAlert.tsx';
import { Shown } from '../shell/Shown.tsx';
import { Told } from '../shell/Told.tsx';
import { placeName, words } from '../texts/en.ts';
import { SCREEN_TEXTS } from '../texts/screens.ts';

type Outcome = 'ok' | 'warning' | 'failed' | 'skipped';

interface Step {
  readonly step: string;
  readonly outcome: Outcome;
  readonly detail: string;
  readonly ms: number;
}
interface Place {
  readonly name: string | null;
  readonly address: string;
  readonly steps: readonly Step[];
  readonly services: readonly {
    readonly service: string;
    readonly port: number;
    readonly steps: readonly Step[];
  }[];
}
interface Examination {
  readonly from: string;
  readonly at: string;
  readonly result: 'fine' | 'warnings' | 'problems';
  readonly advice: readonly {
    readonly severity: 'failed' | 'warning';
    readonly place: string;
    readonly ports: readonly number[];
    readonly problem: string;
    readonly change: string;
  }[];
  readonly places: readonly Place[];
}

const TONES = { fine: 'success', warnings: 'warning', problems: 'danger' } as const;
const STEP_TONES = { ok: 'success', warning: 'warning', failed: 'danger' } as const;

export default function DoctorPage() {
  const doctor = operation('runDoctor');
  const looking = useMutation({
    mutationFn: async () => (await call(doctor, {})).body as Examination,
  });
  const { data, error, isPending } = looking;
  return (
    <>
      <Title headingLevel="h1">{placeName('/doctor')}</Title>
      <p>{doctor.summary}</p>
      <div className="okm-bar">
        <Button isDisabled={isPending} onClick={() => looking.mutate()}>
          {words(doctor.id)}
        </Button>
        {isPending && <Spinner size="md" aria-label={SCREEN_TEXTS.looking} />}
        {isPending && <span>{SCREEN_TEXTS.looking}</span>}
      </div>
      {error !== null && <ProblemAlert error={error} />}
      {data !== undefined && <Found found={data} />}
    </>
  );
}

function Found({ found: { result, from, at, advice, places } }: { readonly found: Examination }) {
  return (
    <>
      <Alert isInline isLiveRegion variant={TONES[result]} title={SCREEN_TEXTS.doctorSays[result]}>
        {SCREEN_TEXTS.lookedFrom(from)} <Shown name="at" value={at} />
      </Alert>
      {advice.map(({ severity, place, problem, change }) => (
        <Alert
          key={`${place} ${problem}`}
          isInline
          component="h2"
          variant={severity === 'failed' ? 'danger' : 'warning'}
          title={<Told text={problem} />}
        >
          {SCREEN_TEXTS.toChange} <Told text={change} />
        </Alert>
      ))}
      {places.length === 0 && <p>{SCREEN_TEXTS.nobodyElse}</p>}
      {places.map((place) => (
        <ExpandableSection
          key={place.address}
          toggleText={`${place.name ?? place.address} (${place.address})`}
          isIndented
        >
          <Steps place={place} />
        </ExpandableSection>
      ))}
    </>
  );
}

/** Every step to a place, in the order in which they were tried. */
function Steps({ place: { name, address, steps, services } }: { readonly place: Place }) {
  const label = SCREEN_TEXTS.stepsTo(name ?? address);
  const rows = [
    ...steps.map((step) => ({ ...step, at: '' })),
    ...services.flatMap((service) =>
      service.steps.map((step) => ({ ...step, at: `${service.service} ${service.port}` })),
    ),
  ];
  return (
    <Table variant="compact" aria-label={label}>
      <Thead>
        <Tr>
          {SCREEN_TEXTS.stepColumns.map((column) => (
            <Th key={column}>{column}</Th>
          ))}
        </Tr>
      </Thead>
      <Tbody>
        {rows.map(({ at, step, outcome, detail }) => (
          <Tr key={`${at} ${step}`}>
            <Td>{at}</Td>
            <Td>{step}</Td>
            <Td>{outcome === 'skipped' ? outcome : <Label status={STEP_TONES[outcome]}>{outcome}</Label>}</Td>
            <Td>{detail}</Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
