/** Says that a session nobody uses is about to end, and how to keep it. */
import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { TEXTS } from '../texts/en.ts';

interface SoonOverProps {
  readonly seconds: number;
  onGoOn(): void;
}

export default function SoonOver({ seconds, onGoOn }: SoonOverProps) {
  return (
    <Modal isOpen variant="small" onClose={onGoOn} aria-labelledby="soon-over">
      <ModalHeader title={TEXTS.soonOver} labelId="soon-over" />
      <ModalBody>{TEXTS.soonOverText(seconds)}</ModalBody>
      <ModalFooter>
        <Button onClick={onGoOn}>{TEXTS.goOn}</Button>
      </ModalFooter>
    </Modal>
  );
}
