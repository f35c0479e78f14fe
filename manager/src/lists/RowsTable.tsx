/** A table of any number of rows, of which only those in sight are in the page. Arrow keys move from row to row, Enter opens one. */
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import { Shown } from '../shell/Shown.tsx';
import { TEXTS, words } from '../texts/en.ts';
import type { Row } from './rows.ts';

const ROW_PX = 42;
const AHEAD = 20;
/** A table counts its head as a row (WAI-ARIA 1.2, aria-rowindex). */
const HEAD_ROWS = 1;

interface RowsTableProps {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly string[];
  readonly sortable: readonly string[];
  readonly sort: string;
  onSort(sort: string): void;
  /** Undefined where rows have no details. */
  readonly onOpen?: ((row: Row) => void) | undefined;
  /** Somebody sees the last rows. */
  onEnd(): void;
  readonly more: boolean;
  actionsOf?(row: Row): ReactNode;
}

export function RowsTable(props: RowsTableProps) {
  const { label, rows, columns, sortable, sort, onSort, onEnd, more, actionsOf } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: AHEAD,
  });
  const items = virtual.getVirtualItems();
  const lastSeen = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (more && lastSeen >= rows.length - AHEAD) onEnd();
  }, [more, lastSeen, rows.length, onEnd]);
  const sorted = sort.replace(/^-/, '');
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <section className="okm-scroll" ref={scroll} aria-label={label}>
      <Table
        aria-label={label}
        variant="compact"
        isStickyHeader
        aria-rowcount={more ? -1 : rows.length + HEAD_ROWS}
      >
        <Thead>
          <Tr>
            {columns.map((name, index) => (
              <Th
                key={name}
                modifier="nowrap"
                {...(sortable.includes(name)
                  ? {
                      sort: {
                        columnIndex: index,
                        sortBy:
                          sorted === name ? { index, direction: sort.startsWith('-') ? 'desc' : 'asc' } : {},
                        onSort: (_event: unknown, _index: number, direction: string) =>
                          onSort(direction === 'desc' ? `-${name}` : name),
                      },
                    }
                  : {})}
              >
                {words(name)}
              </Th>
            ))}
            {actionsOf !== undefined && <Th screenReaderText={TEXTS.actions} />}
          </Tr>
        </Thead>
        <Tbody>
          {before > 0 && <Spacer height={before} />}
          {items.map(({ index }) => {
            const row = rows[index];
            return row === undefined ? null : <OneRow key={index} {...props} row={row} index={index} />;
          })}
          {after > 0 && <Spacer height={after} />}
        </Tbody>
      </Table>
    </section>
  );
}

function Spacer({ height }: { readonly height: number }) {
  return <tr aria-hidden style={{ blockSize: height }} />;
}

function OneRow({
  row,
  index,
  columns,
  onOpen,
  actionsOf,
}: RowsTableProps & { readonly row: Row; readonly index: number }) {
  const opens = onOpen !== undefined;
  const press = (event: KeyboardEvent<HTMLTableRowElement>) => {
    if (event.target !== event.currentTarget) return;
    const to =
      event.key === 'ArrowDown'
        ? event.currentTarget.nextElementSibling
        : event.currentTarget.previousElementSibling;
    if (event.key === 'Enter') onOpen?.(row);
    else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && to instanceof HTMLElement) {
      event.preventDefault();
      to.focus();
    }
  };
  const severity = String(row['severity'] ?? '').toLowerCase();
  const tone = severity === 'error' ? 'okm-row-bad' : severity === 'warning' ? 'okm-row-odd' : '';
  return (
    <Tr
      className={`okm-row ${tone}`}
      tabIndex={0}
      onKeyDown={press}
      isClickable={opens}
      aria-rowindex={index + 1 + HEAD_ROWS}
      {...(opens ? { onRowClick: () => onOpen(row) } : {})}
    >
      {columns.map((name) => (
        <Td
          key={name}
          modifier="nowrap"
          dataLabel={words(name)}
          title={typeof row[name] === 'string' ? row[name] : undefined}
        >
          <Shown name={name} value={row[name]} />
        </Td>
      ))}
      {actionsOf !== undefined && (
        // A button in a row, and the form that it opens, open no row.
        <Td isActionCell onClick={(event) => event.stopPropagation()}>
          {actionsOf(row)}
        </Td>
      )}
    </Tr>
  );
}
