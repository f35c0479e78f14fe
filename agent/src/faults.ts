/** What an agent does about each fault of a KMA (protocol 9): its kind, and whether another KMA is asked. */
import { forbiddenWord, MalformedResponseError, SoapFault } from '@openkma/protocol';
import { AgentError, type FailureKind, TransportError } from './errors.ts';

interface Treatment {
  readonly kind: FailureKind;
  readonly failsOver: boolean;
}
const at = (kind: FailureKind): Treatment => ({ kind, failsOver: false });
const elsewhere: Treatment = { kind: 'unavailable', failsOver: true };

/** Numbers that are not listed are failures of this call alone. */
const TREATMENTS: ReadonlyMap<number, Treatment> = new Map([
  [1000, at('denied')],
  [1001, elsewhere],
  [1002, at('denied')],
  [1008, at('usage')],
  [1009, at('not-found')],
  [1010, at('not-found')],
  [1011, at('conflict')],
  [1015, at('conflict')],
  [1018, elsewhere],
  [1020, at('not-found')],
  [1021, elsewhere],
  [1080, elsewhere],
  [1148, elsewhere],
  [1149, elsewhere],
]);

const KWK_NOT_REGISTERED = 1135;
const KWK_ID_MISMATCH = 1136;

/** The KMA does not know our key-wrapping key (any more): register again, at the same KMA. */
export function asksForRegistration(error: unknown): boolean {
  return (
    error instanceof SoapFault && (error.number === KWK_NOT_REGISTERED || error.number === KWK_ID_MISMATCH)
  );
}

/** Whether another KMA may succeed where this one failed. */
export function failsOver(error: unknown): boolean {
  if (error instanceof SoapFault) return treatmentOf(error).failsOver;
  return error instanceof TransportError || error instanceof MalformedResponseError;
}

/** A KMA was there and answered, if only with a refusal. */
export function wasReached(error: unknown): boolean {
  return error instanceof SoapFault;
}

const SERVER_BUSY = 1001;
const KEY_DOES_NOT_EXIST = 1009;
const DATA_UNIT_NOT_FOUND = 1020;

/** This KMA does not know what the call names. */
export function isUnknown(error: unknown): boolean {
  return (
    error instanceof SoapFault &&
    (error.number === KEY_DOES_NOT_EXIST || error.number === DATA_UNIT_NOT_FOUND)
  );
}

export function isBusy(error: unknown): boolean {
  return error instanceof SoapFault && error.number === SERVER_BUSY;
}

/** Nothing was said about the call; asked again, the same KMA may. */
export function answersNothing(error: unknown): boolean {
  return error instanceof SoapFault && error.number !== null ? isBusy(error) : failsOver(error);
}

const EXTERNAL_ID_EXISTS = 1015;

/** What the call was to create is there. */
export function existsAlready(error: unknown): boolean {
  return error instanceof SoapFault && error.number === EXTERNAL_ID_EXISTS;
}

export function kindOf(error: unknown): FailureKind {
  if (error instanceof SoapFault) return treatmentOf(error).kind;
  return error instanceof AgentError ? error.kind : 'failure';
}

function treatmentOf({ number, text }: SoapFault): Treatment {
  // Without a number only the text tells: `Server Error` and its like are failures of the server.
  if (number === null) return forbiddenWord(text) === null ? at('failure') : elsewhere;
  return TREATMENTS.get(number) ?? at('failure');
}
