/** Pieces of the page whose programs are fetched when they are first shown. It is not React's lazy(): once that has shown that it waits, it keeps what has come for 300 ms. */
import { type ComponentType, type ReactNode, useEffect, useState } from 'react';
import { TEXTS } from '../texts/en.ts';
import { ProblemAlert } from './ProblemAlert.tsx';

export interface Later<Props> {
  (props: Props): ReactNode;
  /** Its program, before it is shown. */
  fetch(): Promise<void>;
}

/** `meanwhile` is shown until the program is there. */
export function later<Props extends object>(
  load: () => Promise<{ readonly default: ComponentType<Props> }>,
  meanwhile: ReactNode = null,
): Later<Props> {
  let Program: ComponentType<Props> | null = null;
  const fetch = async () => {
    Program = (await load().catch(notFetched)).default;
  };
  // biome-ignore lint/correctness/noComponentHookFactories: modules make theirs once, as they begin
  function Piece(props: Props) {
    const [, setThere] = useState(Program !== null);
    const [error, setError] = useState<unknown>(null);
    useEffect(() => {
      // It may have come for another piece between drawing and this.
      if (Program !== null) setThere(true);
      else fetch().then(() => setThere(true), setError);
    }, []);
    if (error !== null) return <ProblemAlert error={error} />;
    return Program === null ? meanwhile : <Program {...props} />;
  }
  return Object.assign(Piece, { fetch });
}

/** Nobody is there, or the KMA has another version by now and the files of this one are gone. */
function notFetched(cause: unknown): never {
  throw new Error(TEXTS.notFetched, { cause });
}
