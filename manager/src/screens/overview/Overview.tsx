/** The cluster at a glance: what is well, what is not, and what waits for somebody. Cards lead to the places they tell of. */
import { Card, CardBody, CardTitle, Title } from '@patternfly/react-core';
import { Link } from 'wouter';
import { ProblemAlert } from '../../shell/ProblemAlert.tsx';
import { Shown } from '../../shell/Shown.tsx';
import { Told } from '../../shell/Told.tsx';
import { TEXTS } from '../../texts/en.ts';
import { SCREEN_TEXTS } from '../../texts/screens.ts';
import { useAnswer } from './answer.ts';
import { Certificates, EndingKeys } from './Expiring.tsx';
import { Health } from './Health.tsx';
import { Tile } from './Tile.tsx';

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
        <Conflicts />
        <EndingKeys />
      </div>
      <Certificates kmas={kmas.data?.rows ?? []} />
      <Errors />
    </>
  );
}

function LastBackup() {
  const input = { filter: ['usable=true'], sort: '-createdAt', limit: 1 };
  const { data } = useAnswer('listBackups', input);
  const schedule = useAnswer('showBackupSchedule', {}).data;
  if (data === undefined) return null;
  const [last] = data.rows;
  const overdue = schedule?.overdue === true;
  return (
    <Tile
      title={TEXTS.lastBackup}
      to="/backups"
      tone={last === undefined ? 'danger' : overdue ? 'warning' : undefined}
      detail={overdue ? SCREEN_TEXTS.overdue : ''}
    >
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

/** Nearly always none; then there is nothing to say. */
function Conflicts() {
  const { data } = useAnswer('listConflicts', { filter: ['standing=open'] });
  if (data === undefined || data.rows.length === 0) return null;
  return (
    <Tile title={SCREEN_TEXTS.openConflicts} to="/conflicts" tone="warning">
      {data.rows.length}
    </Tile>
  );
}

const ERRORS_SHOWN = 8;
const DAY_MS = 86_400_000;

/** What a KMA writes while its clock is ahead would stand first until that date. */
function tomorrow(): string {
  return new Date(Date.now() + DAY_MS).toISOString().slice(0, 'yyyy-mm-dd'.length);
}

function Errors() {
  const { data } = useAnswer('listAuditEvents', {
    filter: ['severity<>success', `createdAt<=${tomorrow()}`],
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
              <Link href={`/audit-events/${encodeURIComponent(id)}`}>{name}</Link> <Told text={message} />
            </li>
          ))}
        </ul>
      </CardBody>
    </Card>
  );
}
