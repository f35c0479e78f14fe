/** What ends by itself: certificates of KMAs, of the CA, of programs and servers, and keys. It renews nothing. */
import { Card, CardBody, CardTitle, Label } from '@patternfly/react-core';
import { useState } from 'react';
import { Link } from 'wouter';
import { usePreferences } from '../../shell/preferences.tsx';
import { timeText } from '../../shell/Shown.tsx';
import { TEXTS } from '../../texts/en.ts';
import { SCREEN_TEXTS } from '../../texts/screens.ts';
import { SELDOM_MS, useAnswer } from './answer.ts';
import type { Kma } from './Health.tsx';
import { Tile } from './Tile.tsx';

interface Ending {
  readonly name: string;
  readonly to: string;
  readonly until: string;
}

const SHOWN_MAX = 5;
const SOON_MS = 30 * 86_400_000;
const COUNTED_MAX = 1_000;

/** The soonest first. */
export function Certificates({ kmas }: { readonly kmas: readonly Kma[] }) {
  const { utc } = usePreferences();
  const endings = useEndings(kmas).slice(0, SHOWN_MAX);
  const [now] = useState(() => Date.now());
  if (endings.length === 0) return null;
  return (
    <Card>
      <CardTitle component="h2">{SCREEN_TEXTS.nextToEnd}</CardTitle>
      <CardBody>
        <ul>
          {endings.map(({ name, to, until }) => (
            <li key={name}>
              <Link href={to}>{name}</Link>{' '}
              {Date.parse(until) - now < SOON_MS ? (
                <Label status="warning">{timeText(until, utc)}</Label>
              ) : (
                <span>{timeText(until, utc)}</span>
              )}
            </li>
          ))}
        </ul>
      </CardBody>
    </Card>
  );
}

function useEndings(kmas: readonly Kma[]): Ending[] {
  const root = useAnswer('showRootCa', {}, SELDOM_MS).data;
  const web = useAnswer('showWebCertificate', {}, SELDOM_MS).data;
  const programs = useAnswer(
    'listUserCertificates',
    { filter: ['state=good'], sort: 'notAfter', limit: SHOWN_MAX },
    SELDOM_MS,
  ).data;
  const servers = useAnswer('listSyslogServers', {}, SELDOM_MS).data;
  const all: Ending[] = [
    ...kmas.map(({ kma, certificateUntil }) => ({
      name: SCREEN_TEXTS.ofKma(kma),
      to: `/kmas/${encodeURIComponent(kma)}`,
      until: certificateUntil,
    })),
    { name: SCREEN_TEXTS.rootCa, to: '/root-ca', until: root?.validTo ?? '' },
    {
      name: SCREEN_TEXTS.webCertificate,
      to: '/web-certificate',
      until: web?.loaded === true ? web.validTo : '',
    },
    ...(programs?.rows ?? []).map(({ user, notAfter }) => ({
      name: SCREEN_TEXTS.ofUser(user),
      to: '/certificates',
      until: notAfter,
    })),
    ...(servers?.rows ?? []).map(({ server, certificatesExpireAt }) => ({
      name: SCREEN_TEXTS.ofSyslog(server),
      to: `/syslog-servers/${encodeURIComponent(server)}`,
      until: certificatesExpireAt,
    })),
  ];
  return all
    .filter(({ until }) => until !== '' && until != null)
    .sort((one, other) => Date.parse(one.until) - Date.parse(other.until));
}

/** Keys of which the time to decrypt in the ordinary way runs out. */
export function EndingKeys() {
  const [[from, to]] = useState(() => {
    const now = Date.now();
    return [new Date(now).toISOString(), new Date(now + SOON_MS).toISOString()];
  });
  const filter = [`deactivatesAt>${from}`, `deactivatesAt<${to}`];
  const { data } = useAnswer('listKeys', { filter, limit: COUNTED_MAX }, SELDOM_MS);
  if (data === undefined) return null;
  const search = new URLSearchParams(filter.map((one) => ['filter', one]));
  const some = data.rows.length > 0;
  return (
    <Tile title={SCREEN_TEXTS.keysEnding} to={`/keys?${search}`} tone={some ? 'warning' : 'success'}>
      {some ? SCREEN_TEXTS.keysEndingCount(data.rows.length, data.next != null) : TEXTS.no}
    </Tile>
  );
}
