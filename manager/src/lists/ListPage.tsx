/** A place with a list: what it holds, how it is looked at, and what can be done with it. */
import { Alert, Button, EmptyState, EmptyStateBody, Switch, Title } from '@patternfly/react-core';
import { useMutation } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { mayCall, operation } from '../api/catalogue.ts';
import { Actions } from '../forms/Actions.tsx';
import type { ListPlace } from '../places.ts';
import { BESIDE } from '../screens/beside.ts';
import { ProblemAlert } from '../shell/ProblemAlert.tsx';
import { useSession } from '../shell/session.tsx';
import { Told } from '../shell/Told.tsx';
import { placeName, TEXTS, words } from '../texts/en.ts';
import { ColumnChoice } from './ColumnChoice.tsx';
import { FilterBar } from './FilterBar.tsx';
import { useListState } from './list-state.ts';
import { NO_INPUT, type Row } from './page-query.ts';
import { RowsTable } from './RowsTable.tsx';
import { saveReport } from './report.ts';
import { useRows } from './rows.ts';

const LIVE_MS = 2_000;

export default function ListPage({ place }: { readonly place: ListPlace }) {
  const list = operation(place.list);
  const { roles } = useSession();
  const [, go] = useLocation();
  const [live, setLive] = useState(false);
  const [state, change] = useListState(place.sort ?? '');
  const refreshMs = live ? LIVE_MS : place.refreshMs;
  const rows = useRows({ list: place.list, by: NO_INPUT, look: state, refreshMs });
  const all = list.columns.map(({ name }) => name);
  const filterColumns = list.filters.map(
    (name) => list.columns.find((column) => column.name === name) ?? { name, kind: 'text' as const },
  );
  const shown = useColumns(state.columns ?? place.columns ?? all);
  const { path, show, id, rowActions } = place;
  const { above: Above, inRow: InRow } = BESIDE[path] ?? {};
  const opens = show !== undefined && id !== undefined && mayCall(show, roles);
  const open = useCallback(
    (row: Row) => go(`${path}/${encodeURIComponent(String(row[id ?? '']))}`),
    [go, path, id],
  );
  const actionsOf = useCallback(
    (row: Row) => (
      <>
        <Actions ids={rowActions ?? []} input={row} isSmall />
        {InRow !== undefined && <InRow thing={row} />}
      </>
    ),
    [rowActions, InRow],
  );
  const saving = useMutation({ mutationFn: () => saveReport(list, state) });
  const error = rows.error ?? saving.error;
  return (
    <>
      <Title headingLevel="h1">{placeName(place.path)}</Title>
      <p>
        <Told text={list.summary} />
      </p>
      <div className="okm-bar">
        <Actions ids={place.actions ?? []} input={{}} />
        <Button variant="secondary" isLoading={rows.isFetching} onClick={rows.refetch}>
          {TEXTS.refresh}
        </Button>
        {place.live === true && (
          <Switch id="live" label={TEXTS.live} isChecked={live} onChange={(_, on) => setLive(on)} />
        )}
        <ColumnChoice all={all} shown={shown} onChange={(columns) => change({ columns })} />
        <Button
          variant="secondary"
          isLoading={saving.isPending}
          isDisabled={saving.isPending}
          onClick={() => saving.mutate()}
        >
          {TEXTS.saveReport}
        </Button>
      </div>
      {Above !== undefined && <Above />}
      <FilterBar
        columns={filterColumns}
        first={shown.find((name) => list.filters.includes(name)) ?? ''}
        filters={state.filters}
        onChange={(filters) => change({ filters })}
      />
      {error !== null && <ProblemAlert error={error} />}
      {rows.isPending && <p>{TEXTS.loading}</p>}
      {rows.count === 0 && !rows.more && <Nothing place={place} filtered={state.filters.length > 0} />}
      {rows.count > 0 && (
        <>
          <p aria-live="polite">{TEXTS.rowsShown(rows.count, rows.more)}</p>
          {rows.isCut && <Alert isInline variant="info" title={TEXTS.rowsCut} />}
          <RowsTable
            label={placeName(path)}
            rows={rows}
            columns={shown}
            sortable={list.filters}
            sort={state.sort}
            onSort={(sort) => change({ sort })}
            {...(opens ? { onOpen: open } : { actionsOf })}
          />
        </>
      )}
    </>
  );
}

/** The same array as long as it names the same columns, so that rows are not drawn anew for nothing. */
function useColumns(names: readonly string[]): readonly string[] {
  const text = names.join(',');
  return useMemo(() => text.split(','), [text]);
}

function Nothing({ place, filtered }: { readonly place: ListPlace; readonly filtered: boolean }) {
  const { roles } = useSession();
  const first = (place.actions ?? []).find((id) => mayCall(id, roles));
  const hint = first === undefined ? TEXTS.nothingHintWithout : TEXTS.nothingHint(words(first));
  return (
    <EmptyState titleText={filtered ? TEXTS.nothingFits : TEXTS.nothing} headingLevel="h2">
      <EmptyStateBody>{filtered ? TEXTS.nothingFitsHint : hint}</EmptyStateBody>
    </EmptyState>
  );
}
