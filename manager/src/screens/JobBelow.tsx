/** A job: how far it is, and the files that it has made. */
import { BackupDownload } from './BackupDownload.tsx';
import type { ThingProps } from './beside.ts';
import { JobProgress } from './JobProgress.tsx';

export default function JobBelow({ thing }: ThingProps) {
  return (
    <>
      <JobProgress thing={thing} />
      <BackupDownload job={thing} />
    </>
  );
}
