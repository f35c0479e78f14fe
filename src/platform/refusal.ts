/** A question of an operation that a part cannot answer as it was asked, with the code that its caller gets. It is thrown by parts and becomes a refusal at the core. */
import type { ErrorCode } from '../errors.ts';

export class PlatformRefusal extends Error {
  override readonly name = 'PlatformRefusal';
  readonly code: ErrorCode;
  constructor(code: ErrorCode, detail: string) {
    super(detail);
    this.code = code;
  }
}
