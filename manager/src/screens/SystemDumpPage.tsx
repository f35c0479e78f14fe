/** A system dump of the KMA one is connected to: made, looked over and saved. No secret is in it. */
import { Alert, Button, Spinner, Title } from '@patternfly/react-core';
import { useMutation } from '@tanstack/react-query';
import { ask } from '../api/ask.ts';
import { operation } from '../api/catalogue.ts';
import type { OutputOf } from '../api/types.ts';
import { ProblemAlert } from '../shell/ProblemAlert.tsx';
import { placeName, words } from '../texts/en.ts';
import { SCREEN_TEXTS } from '../texts/screens.ts';
import { saveAs } from './save-as.ts';
import { ThingView } from './ThingView.tsx';

type Dump = OutputOf<'createSystemDump'>;

const LINE = 2;

export default function SystemDumpPage() {
  const create = operation('createSystemDump');
  const making = useMutation({
    mutationFn: async () => {
      const dump = await ask('createSystemDump', {});
      return { dump, file: new Blob([JSON.stringify(dump, null, LINE)], { type: 'application/json' }) };
    },
  });
  const { data, error, isPending } = making;
  return (
    <>
      <Title headingLevel="h1">{placeName('/system-dump')}</Title>
      <p>{create.summary}</p>
      <div className="okm-bar">
        <Button isDisabled={isPending} onClick={() => making.mutate()}>
          {words(create.id)}
        </Button>
        {isPending && <Spinner size="md" aria-label={SCREEN_TEXTS.makingDump} />}
        {isPending && <span>{SCREEN_TEXTS.makingDump}</span>}
      </div>
      {error !== null && <ProblemAlert error={error} />}
      {data !== undefined && (
        <>
          <Alert isInline isLiveRegion variant="success" title={SCREEN_TEXTS.dumpMade} />
          <ThingView thing={summaryOf(data.dump, data.file.size)} />
          <p>
            <Button onClick={() => saveAs(data.file, nameOf(data.dump))}>{SCREEN_TEXTS.saveDump}</Button>
          </p>
        </>
      )}
    </>
  );
}

function summaryOf(dump: Dump, bytes: number) {
  return {
    kma: dump.load.kma,
    createdAt: dump.createdAt,
    version: dump.software?.version,
    fileBytes: bytes,
    kmas: dump.kmas.length,
    auditRecords: dump.auditRecords.length,
    systemMessages: dump.systemMessages.length,
  };
}

/** "OKM-SystemDump-kma-1-2026-01-31T12-00-00Z.json": colons are no characters of file names everywhere. */
function nameOf({ createdAt, load }: Dump): string {
  const kma = load.kma.replaceAll(/[^\w-]/g, '_');
  return `OKM-SystemDump-${kma}-${createdAt.replace(/\.\d+/, '').replaceAll(':', '-')}.json`;
}
