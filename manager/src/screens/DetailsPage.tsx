/** One thing: all that is known of it, what can be done with it, and the lists that belong to it. */
import { Button, Tab, Tabs, TabTitleText, Title } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { call } from '../api/call.ts';
import { mayCall, operation } from '../api/catalogue.ts';
import { Actions } from '../forms/Actions.tsx';
import { RowsTable } from '../lists/RowsTable.tsx';
import { useRows } from '../lists/rows.ts';
import type { Tab as PlaceTab, ShownPlace } from '../places.ts';
import { ProblemAlert } from '../shell/ProblemAlert.tsx';
import { useSession } from '../shell/session.tsx';
import { placeName, TEXTS, words } from '../texts/en.ts';
import { BackupDownload } from './BackupDownload.tsx';
import { PendingApproval, type PendingOperation } from './PendingApproval.tsx';
import { ThingView } from './ThingView.tsx';

const LoadChart = lazy(() => import('./LoadChart.tsx'));

interface DetailsPageProps {
  readonly place: ShownPlace;
  /** Null where the place shows one thing only. */
  readonly id: string | null;
}

export default function DetailsPage({ place, id }: DetailsPageProps) {
  const show = operation(place.show);
  const [, go] = useLocation();
  const input = id === null ? {} : { [place.id ?? '']: id };
  const { data, error } = useQuery({
    queryKey: ['show', show.id, input],
    queryFn: ({ signal }) => call(show, input, { signal, unattended: place.refreshMs !== undefined }),
    ...(place.refreshMs === undefined ? {} : { refetchInterval: place.refreshMs }),
  });
  const thing = data?.body as Readonly<Record<string, unknown>> | undefined;
  return (
    <>
      {id !== null && <Link href={place.path}>{TEXTS.back}</Link>}
      <Title headingLevel="h1">
        {id === null ? placeName(place.path) : `${placeName(place.path)}: ${id}`}
      </Title>
      {error !== null && <ProblemAlert error={error} />}
      {thing !== undefined && (
        <>
          <div className="okm-bar okm-not-on-paper">
            <Actions
              ids={(id === null ? place.actions : place.rowActions) ?? []}
              input={thing}
              version={data?.version ?? null}
              onDone={(done) => done.startsWith('delete') && go(place.path)}
            />
            {place.path === '/agents' && id !== null && (
              <Button component="a" variant="secondary" href={`/agents/${encodeURIComponent(id)}/sheet`}>
                {TEXTS.enrolmentSheet}
              </Button>
            )}
          </div>
          {place.path === '/current-load' && (
            <Suspense fallback={null}>
              <LoadChart />
            </Suspense>
          )}
          <ThingView thing={place.path === '/pending-operations' ? withoutText(thing) : thing} />
          {place.path === '/pending-operations' && (
            <PendingApproval pending={thing as unknown as PendingOperation} />
          )}
          {place.path === '/jobs' && <BackupDownload job={thing} />}
          {id !== null && <Related tabs={place.tabs ?? []} name={place.id ?? ''} id={id} />}
        </>
      )}
    </>
  );
}

/** What is shown below, to be read and approved, needs not be there twice. */
function withoutText({ text: _, textSha256: __, code: ___, ...thing }: Readonly<Record<string, unknown>>) {
  return thing;
}

function Related({
  tabs,
  name,
  id,
}: {
  readonly tabs: readonly PlaceTab[];
  readonly name: string;
  readonly id: string;
}) {
  const { roles } = useSession();
  const own = tabs.filter(({ list }) => mayCall(list, roles));
  const [open, setOpen] = useState<string | number>(own[0]?.list ?? '');
  if (own.length === 0) return null;
  return (
    <Tabs activeKey={open} onSelect={(_, key) => setOpen(key)} mountOnEnter unmountOnExit>
      {own.map((tab) => (
        <Tab
          key={tab.list}
          eventKey={tab.list}
          title={<TabTitleText>{words(tab.list.replace(/^list/, ''))}</TabTitleText>}
        >
          <RelatedRows tab={tab} name={name} id={id} />
        </Tab>
      ))}
    </Tabs>
  );
}

function RelatedRows({
  tab,
  name,
  id,
}: {
  readonly tab: PlaceTab;
  readonly name: string;
  readonly id: string;
}) {
  const [sort, setSort] = useState('');
  const list = operation(tab.list);
  const by = tab.by === undefined ? {} : { [tab.by]: id };
  const filters = tab.filter === undefined ? [] : [`${tab.filter}=${id}`];
  const rows = useRows(tab.list, by, { filters, sort });
  const columns = useMemo(() => list.columns.map(({ name: column }) => column), [list]);
  if (rows.error !== null) return <ProblemAlert error={rows.error} />;
  if (rows.isPending) return <p>{TEXTS.loading}</p>;
  if (rows.count === 0) return <p>{TEXTS.nothing}</p>;
  return (
    <RowsTable
      label={`${words(tab.list.replace(/^list/, ''))} ${name} ${id}`}
      rows={rows}
      columns={columns}
      sortable={list.filters}
      sort={sort}
      onSort={setSort}
    />
  );
}
