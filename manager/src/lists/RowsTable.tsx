/** A table of any number of rows, of which only those in sight are in the page. Arrow keys, Page Up and Down, Home and End move from row to row, Enter opens one. */
import { Table, Tbody, Th, Thead, Tr } from '@patternfly/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type FocusEvent,
  type KeyboardEvent,
  memo,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { knownValue } from '../shell/known-value.ts';
import { Shown } from '../shell/Shown.tsx';
import { TEXTS, words } from '../texts/en.ts';
import type { Row } from './page-query.ts';
import type { ListedRows } from './rows.ts';

/** As most rows are, before they are measured; and the head, which stays above them. */
const ROW_PX = 38;
const HEAD_PX = 46;
const AHEAD = 20;
/** A table counts its head as a row, and from one (WAI-ARIA 1.2, aria-rowindex). */
const ROW_INDEX_OF_FIRST = 2;

interface RowsTableProps {
  readonly label: string;
  readonly rows: ListedRows;
  readonly columns: readonly string[];
  readonly sortable: readonly string[];
  readonly sort: string;
  onSort(sort: string): void;
  /** Undefined where rows have no details. */
  readonly onOpen?: ((row: Row) => void) | undefined;
  readonly actionsOf?: ((row: Row) => ReactNode) | undefined;
}

export function RowsTable(props: RowsTableProps) {
  const { label, rows, columns, sortable, sort, onSort, onOpen, actionsOf } = props;
  const { count, more, onSight } = rows;
  const scroll = useRef<HTMLDivElement>(null);
  const isDrawn = useIsDrawn();
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: isDrawn ? AHEAD : 0,
    scrollPaddingEnd: HEAD_PX,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onSight(first, last), [onSight, first, last]);
  const { active, onKeyDown, onFocus } = useRowKeys(scroll, count, (index) => virtual.scrollToIndex(index));
  const reached = active >= first && active <= last ? active : (virtual.range?.startIndex ?? 0);
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <section className="okm-scroll" ref={scroll} aria-label={label}>
      <Table
        aria-label={label}
        variant="compact"
        isStickyHeader
        aria-rowcount={more ? -1 : count + ROW_INDEX_OF_FIRST - 1}
      >
        <Thead>
          <Tr>
            {columns.map((name, index) => (
              <Th
                key={name}
                modifier="nowrap"
                {...(sortable.includes(name) ? sorting(name, index, sort, onSort) : {})}
              >
                {words(name)}
              </Th>
            ))}
            {actionsOf !== undefined && <Th screenReaderText={TEXTS.actions} />}
          </Tr>
        </Thead>
        <Tbody onKeyDown={onKeyDown} onFocus={onFocus}>
          {before > 0 && <Spacer height={before} />}
          {items.map(({ index }) => (
            <OneRow
              key={index}
              row={rows.rowAt(index)}
              index={index}
              columns={columns}
              isReached={index === reached}
              onOpen={onOpen}
              actionsOf={actionsOf}
              measure={virtual.measureElement}
            />
          ))}
          {after > 0 && <Spacer height={after} />}
        </Tbody>
      </Table>
    </section>
  );
}

/** Rows that are out of sight need not be there before those that are in sight. */
function useIsDrawn(): boolean {
  const [isDrawn, setIsDrawn] = useState(false);
  useEffect(() => {
    // Called before the rows are painted; the timer ends after it.
    let timer = 0;
    const frame = requestAnimationFrame(() => {
      timer = window.setTimeout(() => setIsDrawn(true));
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, []);
  return isDrawn;
}

function sorting(name: string, columnIndex: number, sort: string, onSort: (sort: string) => void) {
  const isSorted = sort.replace(/^-/, '') === name;
  const direction = sort.startsWith('-') ? 'desc' : 'asc';
  return {
    sort: {
      columnIndex,
      sortBy: isSorted ? ({ index: columnIndex, direction } as const) : {},
      onSort: (_event: unknown, _index: number, next: string) => onSort(next === 'desc' ? `-${name}` : name),
    },
  };
}

/** From row to row without one tab stop for each: the row with the focus is the only one. */
function useRowKeys(
  scroll: { readonly current: HTMLElement | null },
  count: number,
  scrollTo: (index: number) => void,
) {
  const [active, setActive] = useState(0);
  const wantsFocus = useRef(false);
  // It may be in the page only some renderings after the list was scrolled to it.
  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    const row = scroll.current?.querySelector(`tr[aria-rowindex="${active + ROW_INDEX_OF_FIRST}"]`);
    if (!(row instanceof HTMLElement)) return;
    row.focus({ preventScroll: true });
    wantsFocus.current = false;
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const at = indexOf(event.target);
    if (at === null) return;
    if (event.key === 'Enter' && event.target instanceof HTMLElement) return event.target.click();
    const screenful = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / ROW_PX) - 2);
    const to = targetOf(event.key, at, screenful, count - 1);
    if (to === null) return;
    event.preventDefault();
    wantsFocus.current = true;
    setActive(to);
    scrollTo(to);
  };
  const onFocus = (event: FocusEvent) => setActive((before) => indexOf(event.target) ?? before);
  return { active, onKeyDown, onFocus };
}

/** Null where the focus is on something inside a row. */
function indexOf(target: EventTarget): number | null {
  return target instanceof HTMLTableRowElement && target.ariaRowIndex !== null
    ? Number(target.ariaRowIndex) - ROW_INDEX_OF_FIRST
    : null;
}

function targetOf(key: string, at: number, screenful: number, last: number): number | null {
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: screenful,
    PageUp: -screenful,
    Home: -at,
    End: last - at,
  };
  const step = steps[key];
  return step === undefined ? null : Math.min(last, Math.max(0, at + step));
}

function Spacer({ height }: { readonly height: number }) {
  return <tr aria-hidden style={{ blockSize: height }} />;
}

interface OneRowProps extends Pick<RowsTableProps, 'columns' | 'onOpen' | 'actionsOf'> {
  /** Undefined while it is on its way. */
  readonly row: Row | undefined;
  readonly index: number;
  readonly isReached: boolean;
  measure(row: HTMLElement | null): void;
}

/** Drawn anew only when something of it changes. Plain cells in PatternFly's classes: its components take half as long again, which somebody who scrolls notices. */
const OneRow = memo(function OneRow(props: OneRowProps) {
  const { row, index, columns, isReached, onOpen, actionsOf, measure } = props;
  const open = onOpen === undefined || row === undefined ? undefined : () => onOpen(row);
  const severity = String(row?.['severity'] ?? '').toLowerCase();
  const tone = severity === 'error' ? 'okm-row-bad' : severity === 'warning' ? 'okm-row-odd' : '';
  return (
    <tr
      ref={measure}
      data-index={index}
      className={`okm-row pf-v6-c-table__tr ${open === undefined ? '' : 'pf-m-clickable'} ${tone}`}
      tabIndex={isReached ? 0 : -1}
      aria-rowindex={index + ROW_INDEX_OF_FIRST}
      aria-busy={row === undefined ? true : undefined}
      onClick={open}
    >
      {row === undefined ? (
        <td className="pf-v6-c-table__td" colSpan={columns.length}>
          {TEXTS.loading}
        </td>
      ) : (
        columns.map((name) => (
          <td
            key={name}
            className="pf-v6-c-table__td pf-m-nowrap"
            data-label={words(name)}
            title={typeof row[name] === 'string' ? row[name] : undefined}
          >
            <Shown name={name} value={knownValue(row, name)} />
          </td>
        ))
      )}
      {row !== undefined && actionsOf !== undefined && (
        // A button in a row, and the form that it opens, open no row.
        // biome-ignore lint/a11y/useKeyWithClickEvents: it only keeps a click from going on
        <td className="pf-v6-c-table__td pf-v6-c-table__action" onClick={(event) => event.stopPropagation()}>
          {actionsOf(row)}
        </td>
      )}
    </tr>
  );
});
