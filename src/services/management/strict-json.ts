/** JSON of callers, read strictly: UTF-8 without a byte order mark, bounded depth, no member twice, an object outside. It knows no schema. */

const DEPTH_MAX = 8;
/** Strings first, so that brackets in them are none. In what JSON.parse has accepted nothing else holds these characters. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/** Null where it is not such an object. Two programs may take a member that is there twice for two different values. */
export function parseStrictJson(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return isOrderly(text) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function isOrderly(text: string): boolean {
  const open: Set<string>[] = [];
  let last = '';
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    if (open.length > DEPTH_MAX) return false;
    if (token === ':') {
      const member = String(JSON.parse(last));
      const members = open.at(-1);
      if (members?.has(member) === true) return false;
      members?.add(member);
    }
    last = token;
  }
  return true;
}
