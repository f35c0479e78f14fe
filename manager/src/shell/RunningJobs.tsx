/** Long work of the user that is under way, on every page and after every reload. It asks seldom, and keeps nobody logged in. */
import { Alert } from '@patternfly/react-core';
import { Link } from 'wouter';
import { useWatched } from '../api/watched.ts';
import { words } from '../texts/en.ts';
import { SCREEN_TEXTS } from '../texts/screens.ts';

const LOOK_MS = 5_000;

export function RunningJobs() {
  const { data } = useWatched('listJobs', { filter: ['state=running'] }, LOOK_MS);
  return data?.rows.map(({ job, operation: name }) => (
    <Alert key={job} isInline isPlain variant="info" title={SCREEN_TEXTS.runningJob(words(lowerFirst(name)))}>
      <Link href={`/jobs/${encodeURIComponent(job)}`}>{SCREEN_TEXTS.followJob}</Link>
    </Alert>
  ));
}

const lowerFirst = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
