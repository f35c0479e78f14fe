/** The lists that belong to one thing, a tab each, with what can be done with their rows. */
import { Tab, Tabs, TabTitleText } from '@patternfly/react-core';
import { useCallback, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { mayCall, operation } from '../api/catalogue.ts';
import type { OperationId } from '../api/types.ts';
import { Actions } from '../forms/Actions.tsx';
import type { Row } from '../lists/page-query.ts';
import { RowsTable } from '../lists/RowsTable.tsx';
import { useRows } from '../lists/rows.ts';
import type { Place, Tab as PlaceTab } from '../places.ts';
import { ProblemAlert } from '../shell/ProblemAlert.tsx';
import { useSession } from '../shell/session.tsx';
import { roleNames, TEXTS, words } from '../texts/en.ts';
import type { Thing } from './beside.ts';

const NONE: readonly OperationId[] = [];

interface RelatedProps {
  readonly place: Place;
  readonly thing: Thing;
  readonly id: string;
}

export function RelatedLists(props: RelatedProps) {
  const { roles } = useSession();
  const own = (props.place.tabs ?? []).filter(({ list }) => mayCall(list, roles));
  const [open, setOpen] = useState<string | number>(own[0]?.list ?? '');
  if (own.length === 0) return null;
  return (
    <Tabs activeKey={open} onSelect={(_, key) => setOpen(key)} mountOnEnter unmountOnExit>
      {own.map((tab) => (
        <Tab key={tab.list} eventKey={tab.list} title={<TabTitleText>{titleOf(tab)}</TabTitleText>}>
          <RelatedRows {...props} tab={tab} />
        </Tab>
      ))}
    </Tabs>
  );
}

/** "listBackupsWithKeys" as "Backups with keys". */
const titleOf = ({ list, title }: PlaceTab) => title ?? words(list.replace(/^list/, ''));

function RelatedRows({ place, thing, id, tab }: RelatedProps & { readonly tab: PlaceTab }) {
  const { roles } = useSession();
  const [, go] = useLocation();
  const [sort, setSort] = useState('');
  const list = operation(tab.list);
  const by = tab.by === undefined ? {} : { [tab.by]: id };
  const filters = tab.filter === undefined ? [] : [`${tab.filter}=${id}`];
  const rows = useRows({ list: tab.list, by, look: { filters, sort } });
  const columns = useMemo(() => list.columns.map(({ name }) => name), [list]);
  const { opens, actions = [], rowActions = NONE } = tab;
  const open = useCallback(
    (row: Row) => go(`${opens?.path}/${encodeURIComponent(String(row[opens?.id ?? '']))}`),
    [go, opens],
  );
  const known = useMemo(() => ({ [place.id ?? '']: id }), [place, id]);
  const actionsOf = useCallback(
    (row: Row) => <Actions ids={rowActions} input={{ ...thing, ...row, ...known }} isSmall />,
    [rowActions, thing, known],
  );
  return (
    <>
      <div className="okm-bar okm-tab-bar">
        <Actions ids={actions} input={known} isSmall />
      </div>
      {rows.error !== null && <ProblemAlert error={rows.error} />}
      {rows.isPending && <p>{TEXTS.loading}</p>}
      {rows.count === 0 && !rows.more && <p>{TEXTS.nothing}</p>}
      {actions
        .filter((action) => !mayCall(action, roles))
        .map((action) => (
          <p key={action}>{TEXTS.othersMay(words(action), roleNames(operation(action).roles))}</p>
        ))}
      {rows.count > 0 && (
        <RowsTable
          label={`${titleOf(tab)} ${id}`}
          rows={rows}
          columns={columns}
          sortable={list.filters}
          sort={sort}
          onSort={setSort}
          onOpen={opens === undefined ? undefined : open}
          actionsOf={rowActions.some((action) => mayCall(action, roles)) ? actionsOf : undefined}
        />
      )}
    </>
  );
}
