/** How large what is replicated may be. Writers keep to it as readers do: bytes of a log never change, and what others refuse would hold it up for ever. */

/** Of one entry of a log, as bytes. */
export const ENTRY_BYTES_MAX = 1024 * 1024;
/** Of one entry. */
export const FACTS_MAX = 20_000;
/** Of one sealed object. */
export const OBJECT_BYTES_MAX = 1024 * 1024;
/** Of the name of a row. */
export const ID_CHARACTERS_MAX = 256;

/** Well-formed, without NUL: what every store keeps as it came. */
export function isSoundText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
