/** A value in the text of a note, in quotes, such that what somebody chose as a name, or a server said, neither ends it nor passes for another value. It cuts nothing off. */

export function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
