/** A place with a list: what it holds, how it is looked at, and what can be done with it. */
import { Button, EmptyState, EmptyStateBody, Switch, Title } from '@patternfly/react-core';
import { useCallback, useState } from 'react';
import { useLocation } from 'wouter';
import { mayCall, operation } from '../api/catalogue.ts';
import { Actions } from '../forms/Actions.tsx';
import type { Place } from '../places.ts';
import { BESIDE } from '../screens/beside.ts';
import { ProblemAlert } from '../shell/ProblemAlert.tsx';
import { useSession } from '../shell/session.tsx';
import { Told } from '../shell/Told.tsx';
import { placeName, TEXTS, words } from '../texts/en.ts';
import { ColumnChoice } from './ColumnChoice.tsx';
import { FilterBar } from './FilterBar.tsx';
import { useListState } from './list-state.ts';
import { RowsTable } from './RowsTable.tsx';
import { saveReport } from './report.ts';
import { type Row, useRows } from './rows.ts';

const LIVE_MS = 2_000;

export default function ListPage({ place }: { readonly place: Place }) {
  const list = operation(place.list ?? '');
  const { roles } = useSession();
  const [, go] = useLocation();
  const [live, setLive] = useState(false);
  const [state, change] = useListState(place.sort ?? '');
  const { rows, hasNextPage, fetchNextPage, refetch, isPending, isFetching, error } = useRows(
    list.id,
    {},
    state,
    live ? LIVE_MS : place.refreshMs,
  );
  const all = list.columns.map(({ name }) => name);
  const shown = state.columns ?? place.columns ?? all;
  const { show, id } = place;
  const opens = show !== undefined && id !== undefined && mayCall(show, roles);
  const open = (row: Row) => go(`${place.path}/${encodeURIComponent(String(row[id ?? '']))}`);
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const { above: Above, inRow: InRow } = BESIDE[place.path] ?? {};
  return (
    <>
      <Title headingLevel="h1">{placeName(place.path)}</Title>
      <p>
        <Told text={list.summary} />
      </p>
      <div className="okm-bar">
        <Actions ids={place.actions ?? []} input={{}} />
        <Button variant="secondary" isLoading={isFetching} onClick={() => void refetch()}>
          {TEXTS.refresh}
        </Button>
        {place.live === true && (
          <Switch id="live" label={TEXTS.live} isChecked={live} onChange={(_, on) => setLive(on)} />
        )}
        <ColumnChoice all={all} shown={shown} onChange={(columns) => change({ columns })} />
        <Button variant="secondary" onClick={() => void saveReport(list, state)}>
          {TEXTS.saveReport}
        </Button>
      </div>
      {Above !== undefined && <Above />}
      <FilterBar
        columns={list.filters}
        first={shown.find((name) => list.filters.includes(name)) ?? ''}
        filters={state.filters}
        onChange={(filters) => change({ filters })}
      />
      {error !== null && <ProblemAlert error={error} />}
      {isPending && error === null && <p>{TEXTS.loading}</p>}
      {!isPending && error === null && rows.length === 0 && (
        <Nothing place={place} filtered={state.filters.length > 0} />
      )}
      {rows.length > 0 && (
        <>
          <p aria-live="polite">{TEXTS.rowsShown(rows.length, hasNextPage)}</p>
          <RowsTable
            label={placeName(place.path)}
            rows={rows}
            columns={shown}
            sortable={list.filters}
            sort={state.sort}
            onSort={(sort) => change({ sort })}
            onOpen={opens ? open : undefined}
            onEnd={more}
            more={hasNextPage}
            {...(opens
              ? {}
              : {
                  actionsOf: (row: Row) => (
                    <>
                      <Actions ids={place.rowActions ?? []} input={row} isSmall />
                      {InRow !== undefined && <InRow thing={row} />}
                    </>
                  ),
                })}
          />
        </>
      )}
    </>
  );
}

function Nothing({ place, filtered }: { readonly place: Place; readonly filtered: boolean }) {
  const { roles } = useSession();
  const first = (place.actions ?? []).find((id) => mayCall(id, roles));
  const hint = first === undefined ? TEXTS.nothingHintWithout : TEXTS.nothingHint(words(first));
  return (
    <EmptyState titleText={filtered ? TEXTS.nothingFits : TEXTS.nothing} headingLevel="h2">
      <EmptyStateBody>{filtered ? TEXTS.nothingFitsHint : hint}</EmptyStateBody>
    </EmptyState>
  );
}
