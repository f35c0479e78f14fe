/** The shape of a row of the error register. It names no error. */

export interface ErrorRow {
  /** Fault number: 1000-1158 as the OKM family uses them (protocol section 9), 2000 and up are our own. */
  readonly number: number;
  /** Short, free of secrets and names, and free of the words that OKM agents take for a server failure (protocol 9). */
  readonly text: string;
  readonly httpStatus: number;
  /** What the reader can do about it. */
  readonly advice: string;
}

export const row = (number: number, httpStatus: number, text: string, advice: string): ErrorRow => ({
  number,
  httpStatus,
  text,
  advice,
});
