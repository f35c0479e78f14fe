/** Makes refusals of the appliance's own operations visible: nobody waits for their answers. A line has the operation and the code, no values. */
import { isRefusal } from '../../core/refusal.ts';
import type { ErrorCode } from '../../errors.ts';
import type { CoreAnswer } from './core-call.ts';
import { logFailure } from './failure.ts';

export class LocalRefusals {
  /** The last refusal of each operation; the same again, as every 15 s while a pool cannot be filled, has no line. */
  readonly #last = new Map<string, ErrorCode>();
  readonly #log: (text: string, where: string) => void;

  constructor(log: (text: string, where: string) => void = logFailure) {
    this.#log = log;
  }

  note(operation: string, answer: CoreAnswer): void {
    if (!isRefusal(answer)) {
      this.#last.delete(operation);
      return;
    }
    const { refused } = answer;
    if (this.#last.get(operation) === refused) return;
    this.#last.set(operation, refused);
    this.#log(`refused with ${refused}`, `the appliance's own ${operation}`);
  }
}
