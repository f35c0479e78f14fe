/** Cutting text to a number of bytes, for agents with fixed buffers; it never splits a character. */

/** The longest beginning of `text` that has at most `maxBytes` bytes of UTF-8 and ends between two characters. */
export function cutUtf8(text: string, maxBytes: number): string {
  // A UTF-16 unit takes at most 3 bytes, so that most texts need no counting.
  if (text.length * 3 <= maxBytes) return text;
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character, 'utf8');
    if (bytes > maxBytes) return text.slice(0, end);
    end += character.length;
  }
  return text;
}
