/** Takes the files of a backup that a job has made, piece by piece, and has them read back. What is in them is encrypted. */
import { Button, Card, CardBody, CardTitle } from '@patternfly/react-core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ask } from '../api/ask.ts';
import { fromBase64 } from '../proof/bytes.ts';
import { ProblemAlert } from '../shell/ProblemAlert.tsx';
import { TEXTS } from '../texts/en.ts';
import { CheckSavedFiles } from './CheckSavedFiles.tsx';
import { saveAs } from './save-as.ts';

interface Made {
  readonly backupId: string;
  readonly fileName: string;
  readonly keyFileName: string;
  readonly fileSha256: string;
  readonly keyFileSha256: string;
}

export function BackupDownload({ job }: { readonly job: Readonly<Record<string, unknown>> }) {
  const [percent, setPercent] = useState(0);
  const made = job['operation'] === 'CreateDatabaseBackup' ? (job['result'] as Made | null) : null;
  const taking = useMutation({
    mutationFn: async ({ backupId, fileName, keyFileName }: Made) => {
      saveAs(await fetched(backupId, 'key', () => undefined), keyFileName);
      saveAs(await fetched(backupId, 'backup', setPercent), fileName);
    },
  });
  if (made === null) return null;
  return (
    <Card>
      <CardTitle component="h2">{made.fileName}</CardTitle>
      <CardBody>
        {taking.error !== null && <ProblemAlert error={taking.error} />}
        <p>
          <Button
            isLoading={taking.isPending}
            isDisabled={taking.isPending}
            onClick={() => taking.mutate(made)}
          >
            {taking.isPending ? TEXTS.downloading(percent) : TEXTS.downloadBoth}
          </Button>
        </p>
        {taking.isSuccess && (
          <CheckSavedFiles
            confirmation="confirmBackupDownloaded"
            input={{ backupId: made.backupId }}
            files={[
              { name: made.fileName, field: 'fileSha256', sha256: made.fileSha256 },
              { name: made.keyFileName, field: 'keyFileSha256', sha256: made.keyFileSha256 },
            ]}
          />
        )}
      </CardBody>
    </Card>
  );
}

async function fetched(
  backupId: string,
  part: 'backup' | 'key',
  progress: (percent: number) => void,
): Promise<Blob> {
  const pieces: Blob[] = [];
  for (let offset = 0; ; ) {
    const piece = await ask('readBackupPiece', { backupId, part, offset });
    const bytes = fromBase64(piece.bytes);
    // A browser puts large ones on disk.
    pieces.push(new Blob([bytes]));
    offset += bytes.length;
    progress(Math.floor((100 * offset) / piece.totalBytes));
    if (bytes.length === 0 || offset >= piece.totalBytes) return new Blob(pieces);
  }
}
