/** The cluster at a glance: what is well, what is not, and what waits for somebody. Cards lead to the places they tell of. */
import { Card, CardBody, CardTitle, Label, Title } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { ask } from '../api/ask.ts';
import { mayCall } from '../api/catalogue.ts';
import type { InputOf, OperationId, OutputOf, RowOf } from '../api/types.ts';
import { ProblemAlert } from '../shell/ProblemAlert.tsx';
import { usePreferences } from '../shell/preferences.tsx';
import { Shown, timeText } from '../shell/Shown.tsx';
import { useSession } from '../shell/session.tsx';
import { TEXTS } from '../texts/en.ts';

const REFRESH_MS = 5_000;

/** Undefined until the answer is there, or where the user's roles do not have it. */
function useAnswer<Id extends OperationId>(
  id: Id,
  input: InputOf<Id>,
): { readonly data: OutputOf<Id> | undefined; readonly error: Error | null } {
  const { roles } = useSession();
  const { data, error } = useQuery({
    queryKey: ['overview', id, input],
    queryFn: ({ signal }) => ask(id, input, { signal, unattended: true }),
    enabled: mayCall(id, roles),
    refetchInterval: REFRESH_MS,
  });
  return { data, error };
}

export function Overview() {
  const kmas = useAnswer('listKmas', {});
  return (
    <>
      <Title headingLevel="h1">{TEXTS.overview}</Title>
      {kmas.error !== null && <ProblemAlert error={kmas.error} />}
      <div className="okm-cards">
        {kmas.data !== undefined && <Health kmas={kmas.data.rows} />}
        <LastBackup />
        <Pending />
        <Root />
      </div>
      <Errors />
    </>
  );
}

interface TileProps {
  readonly title: string;
  readonly to: string;
  readonly tone?: 'danger' | 'warning' | 'success' | undefined;
  readonly children: ReactNode;
}

function Tile({ title, to, tone, children }: TileProps) {
  return (
    <Card>
      <CardTitle component="h2">
        <Link href={to}>{title}</Link>
      </CardTitle>
      <CardBody>
        <div className="okm-big">
          {tone === undefined ? children : <Label status={tone}>{children}</Label>}
        </div>
      </CardBody>
    </Card>
  );
}

const POOL_LOW_PERCENT = 20;
const LAG_HIGH = 1_000;
const SOON_MS = 30 * 86_400_000;

function Health({ kmas }: { readonly kmas: readonly RowOf<'listKmas'>[] }) {
  const { utc } = usePreferences();
  const locked = kmas.filter((kma) => kma.locked).map(({ kma }) => kma);
  const responding = kmas.filter((kma) => kma.responding);
  const pool = Math.min(100, ...responding.map(({ poolReadyPercent }) => poolReadyPercent));
  const lag = Math.max(0, ...responding.map(({ replicationLag }) => replicationLag));
  const [until = ''] = kmas
    .map(({ certificateUntil }) => certificateUntil)
    .filter((text) => text !== '')
    .sort();
  return (
    <>
      <Tile title={TEXTS.kmas} to="/kmas" tone={responding.length === kmas.length ? 'success' : 'danger'}>
        {TEXTS.responding(responding.length, kmas.length)}
      </Tile>
      <Tile title={TEXTS.poolReady} to="/kmas" tone={pool < POOL_LOW_PERCENT ? 'warning' : 'success'}>
        {pool} %
      </Tile>
      <Tile title={TEXTS.lag} to="/kmas" tone={lag > LAG_HIGH ? 'warning' : 'success'}>
        {TEXTS.entries(lag)}
      </Tile>
      <Tile title={TEXTS.lockedKmas} to="/lock" tone={locked.length > 0 ? 'danger' : 'success'}>
        {locked.length === 0 ? TEXTS.no : locked.join(', ')}
      </Tile>
      {until !== '' && (
        <Tile
          title={TEXTS.certificates}
          to="/kmas"
          tone={Date.parse(until) - Date.now() < SOON_MS ? 'warning' : 'success'}
        >
          {timeText(until, utc)}
        </Tile>
      )}
    </>
  );
}

function LastBackup() {
  const { data } = useAnswer('listBackups', {
    filter: ['usable=true'],
    sort: '-createdAt',
    limit: 1,
  });
  if (data === undefined) return null;
  const [last] = data.rows;
  return (
    <Tile title={TEXTS.lastBackup} to="/backups" tone={last === undefined ? 'danger' : undefined}>
      {last === undefined ? TEXTS.never : <Shown name="createdAt" value={last.createdAt} />}
    </Tile>
  );
}

function Pending() {
  const { data } = useAnswer('listPendingOperations', {});
  if (data === undefined) return null;
  return (
    <Tile title={TEXTS.pending} to="/pending-operations" tone={data.rows.length > 0 ? 'warning' : 'success'}>
      {data.rows.length}
    </Tile>
  );
}

function Root() {
  const { data } = useAnswer('showRootCa', {});
  if (data === undefined) return null;
  return (
    <Tile title={TEXTS.rootUntil} to="/root-ca">
      <Shown name="validTo" value={data.validTo} />
    </Tile>
  );
}

const ERRORS_SHOWN = 8;

function Errors() {
  const { data } = useAnswer('listAuditEvents', {
    filter: ['severity<>success'],
    limit: ERRORS_SHOWN,
  });
  if (data === undefined || data.rows.length === 0) return null;
  return (
    <Card>
      <CardTitle component="h2">
        <Link href="/audit-events?filter=severity%3C%3Esuccess">{TEXTS.recentErrors}</Link>
      </CardTitle>
      <CardBody>
        <ul>
          {data.rows.map(({ id, createdAt, severity, operation: name, message }) => (
            <li key={id}>
              <Shown name="createdAt" value={createdAt} /> <Shown name="severity" value={severity} />{' '}
              <Link href={`/audit-events/${encodeURIComponent(id)}`}>{name}</Link> {message}
            </li>
          ))}
        </ul>
      </CardBody>
    </Card>
  );
}
