/** A KMA's fault as an error, for callers who expect success; it never decides whether to try another KMA. */
import type { Fault } from './fault.ts';
import type { OperationName } from './operations.ts';

export class SoapFault extends Error {
  /** The fault number of protocol section 9; null for an unnumbered fault such as `Server Error`. */
  readonly number: number | null;
  /** The fault's text without the number. */
  readonly text: string;

  /** What was called, where that is known: the same number means different things for different calls. */
  readonly operation: OperationName | null;

  constructor(fault: Pick<Fault, 'number' | 'text'>, operation: OperationName | null = null) {
    super(fault.number === null ? fault.text : `${fault.number} ${fault.text}`);
    this.name = 'SoapFault';
    this.number = fault.number;
    this.text = fault.text;
    this.operation = operation;
  }
}
