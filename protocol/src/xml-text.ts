/** Text as XML character data: illegal characters replaced, markup escaped; it never changes anything else. */

/** Everything outside of Char in XML 1.0 section 2.2; with the u flag that includes lone surrogates. */
const ILLEGAL = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
const REPLACEMENT = '\u{FFFD}';

/** A carriage return is written as a reference, because parsers turn a bare one into a line feed (XML 1.0, 2.11). */
const TEXT_ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\r': '&#13;',
};
/** In attributes parsers turn all white space into blanks (XML 1.0, 3.3.3). */
const ATTRIBUTE_ESCAPES: Readonly<Record<string, string>> = {
  ...TEXT_ESCAPES,
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** The text with every character that XML 1.0 forbids replaced by U+FFFD. */
export function replaceIllegal(text: string): string {
  return text.replace(ILLEGAL, REPLACEMENT);
}

export function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => TEXT_ESCAPES[character] ?? character);
}

export function escapeAttribute(text: string): string {
  return text.replace(/[&<>\r"\n\t]/g, (character) => ATTRIBUTE_ESCAPES[character] ?? character);
}
