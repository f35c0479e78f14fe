/** JSON that a terminal does not obey: control and direction characters stand as escapes, which every reader takes back. It changes no value. */

/** Line ends stand between values only; in texts JSON escapes them by itself. */
const ESCAPED = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const HEX_DIGITS = 4;

export function jsonText(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(ESCAPED, escapes);
}

/** One for each UTF-16 unit, as JSON has it. */
function escapes(character: string): string {
  return Array.from({ length: character.length }, (_, place) => {
    const hex = character.charCodeAt(place).toString(16);
    return `\\u${hex.padStart(HEX_DIGITS, '0')}`;
  }).join('');
}
