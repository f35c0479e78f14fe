/** How many places text takes on a terminal, and how many a terminal has. */

/** Characters that take two places on a terminal. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const NO_WIDTH = /\p{M}/u;

export function width(text = ''): number {
  return [...text].reduce((sum, one) => sum + (NO_WIDTH.test(one) ? 0 : WIDE.test(one) ? 2 : 1), 0);
}

/** Of a stream that is no terminal no line is broken: programs read it. */
export function terminalColumns(stream: NodeJS.WriteStream): number {
  return stream.isTTY && stream.columns > 0 ? stream.columns : Number.POSITIVE_INFINITY;
}

/** The beginning, where all of it would not fit into a line that is drawn anew. */
export function cut(text: string, columns: number): string {
  let shown = '';
  for (const one of text) {
    if (width(shown) + width(one) >= columns) return shown;
    shown += one;
  }
  return shown;
}
