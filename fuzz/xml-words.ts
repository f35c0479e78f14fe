/** The language of SOAP for changes of bytes, and changes that keep most tags whole. It parses nothing. */
import type { Random } from './random.ts';

export const XML_WORDS = [
  '<a>',
  '</a>',
  '<a/>',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?x?>',
  '<!DOCTYPE a>',
  '<!ENTITY e "x">',
  '&e;',
  '&#0;',
  '&#xD800;',
  '&#x10FFFF;',
  '&lt;',
  '&amp;',
  ' xmlns="urn:x"',
  ' xmlns:x="urn:x"',
  ' id="_1"',
  ' href="#_1"',
  ' xsi:nil="true"',
  ' xsi:type="xsd:string"',
  ' SOAP-ENV:mustUnderstand="1"',
  'SOAP-ENV:',
  'KMS-CA:',
  'KMS-Agent:',
  '"',
  "'",
  '>',
  '<',
  '\0',
  '\ufeff',
  'UTF-16',
  '__proto__',
  '-1',
  '99999999999999999999',
  '2026-02-30T25:61:61Z',
  'A'.repeat(300),
] as const;

/** Takes a tag or text away, doubles it, moves it, or puts a word in its place. */
export function mutateXml(random: Random, text: string): string {
  const pieces = text.split(/(?=<)|(?<=>)/);
  for (let changes = 1 + random.small(4); changes > 0; changes--) {
    const at = random.below(pieces.length);
    const piece = pieces[at] ?? '';
    const kind = random.below(5);
    if (kind === 0) pieces.splice(at, 1);
    else if (kind === 1) pieces.splice(at, 0, ...Array<string>(1 + random.small(50)).fill(piece));
    else if (kind === 2)
      pieces.splice(random.below(pieces.length + 1), 0, ...pieces.splice(at, 1 + random.below(3)));
    else if (kind === 3) pieces[at] = random.pick(XML_WORDS);
    else
      pieces[at] = piece.replace(/[\w:.-]+/, (name) =>
        random.pick([`${name}x`, name.slice(1), name.toUpperCase(), ...XML_WORDS]),
      );
  }
  return pieces.join('');
}
