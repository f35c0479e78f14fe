/** Text that stands on one line and fits: what any sender may have written into a record must neither end a line nor make a message longer than receivers take. It knows no format. */

/** Control characters, and what some programs take for the end of a line. */
const CONTROL = /[\p{Cc}\u2028\u2029]/gu;
/** Where Unicode has a picture of each control character of ASCII. */
const PICTURES = 0x2400;
const BLANK = 0x20;
const PICTURE_OF_DELETE = '\u2421';
const DELETE = 0x7f;
const REPLACEMENT = '\ufffd';

/** One character for each, so that nothing passes for something else. */
export function oneLine(text: string): string {
  return text.toWellFormed().replace(CONTROL, (character) => {
    const code = character.charCodeAt(0);
    if (code < BLANK) return String.fromCharCode(PICTURES + code);
    return code === DELETE ? PICTURE_OF_DELETE : REPLACEMENT;
  });
}

/** Said in place of what does not fit. */
const CUT = '...';

/** At most so many bytes of UTF-8, whole characters. */
export function fitting(text: string, bytesMax: number): string {
  if (Buffer.byteLength(text) <= bytesMax) return text;
  const bytes = Buffer.from(text);
  let end = Math.max(0, bytesMax - CUT.length);
  // Bytes within a character begin with the bits 10.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.toString('utf8', 0, end)}${CUT}`.slice(0, Math.max(0, bytesMax));
}

/** For places of a header that take printable ASCII without blanks: "-" where nothing is left. */
export function token(text: string, charactersMax: number): string {
  return text.replace(/[^\x21-\x7e]+/g, '_').slice(0, charactersMax) || '-';
}
