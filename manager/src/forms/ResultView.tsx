/** What an operation answered, to be read, copied or saved. */
import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { CheckSavedFiles } from '../screens/CheckSavedFiles.tsx';
import { saveAs } from '../screens/save-as.ts';
import { ThingView } from '../screens/ThingView.tsx';
import { TEXTS } from '../texts/en.ts';

interface ResultViewProps {
  readonly title: string;
  readonly body: unknown;
  /** The operation. */
  readonly of: string;
  onClose(): void;
}

export function ResultView({ title, body, of, onClose }: ResultViewProps) {
  if (typeof body !== 'object' || body === null) return null;
  if (isBackupFile(body)) return <BackupFile title={title} made={body} onClose={onClose} />;
  const save = () =>
    saveAs(new Blob([JSON.stringify(body, null, 2)], { type: 'application/json' }), `${title}.json`);
  return (
    <Modal isOpen variant="medium" onClose={onClose} aria-label={title}>
      <ModalHeader title={title} />
      <ModalBody>
        <ThingView thing={body as Readonly<Record<string, unknown>>} of={of} />
      </ModalBody>
      <ModalFooter>
        <Button onClick={onClose}>{TEXTS.close}</Button>
        <Button variant="secondary" onClick={save}>
          {TEXTS.download}
        </Button>
      </ModalFooter>
    </Modal>
  );
}

interface CoreSecurityBackup {
  readonly backupId: string;
  readonly fileName: string;
  readonly content: string;
}

function isBackupFile(body: object): body is CoreSecurityBackup {
  return 'backupId' in body && 'fileName' in body && 'content' in body;
}

/** It is the key to all backups, so it is read back as they are. */
function BackupFile({
  title,
  made,
  onClose,
}: {
  readonly title: string;
  readonly made: CoreSecurityBackup;
  onClose(): void;
}) {
  return (
    <Modal isOpen variant="medium" onClose={onClose} aria-label={title}>
      <ModalHeader title={made.fileName} />
      <ModalBody>
        <p>
          <Button onClick={() => saveAs(new Blob([made.content]), made.fileName)}>{TEXTS.download}</Button>
        </p>
        <CheckSavedFiles
          confirmation="confirmCoreSecurityBackupDownloaded"
          input={{ backupId: made.backupId }}
          files={[{ name: made.fileName, field: 'fileSha256', sha256: null }]}
        />
      </ModalBody>
      <ModalFooter>
        <Button variant="link" onClick={onClose}>
          {TEXTS.close}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
