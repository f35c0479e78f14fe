/** The XML parser against hostile and merely unusual input. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeRequest, parseXml, REQUEST_LIMITS, XmlError } from './index.ts';
import { attributeOf } from './xml.ts';
import { escapeAttribute, escapeText, replaceIllegal } from './xml-text.ts';

const parse = (xml: string | Uint8Array, limits = REQUEST_LIMITS) =>
  parseXml(typeof xml === 'string' ? Buffer.from(xml) : xml, limits);
const refuses = (xml: string | Uint8Array, because: RegExp, limits = REQUEST_LIMITS): void => {
  assert.throws(
    () => parse(xml, limits),
    (error) => error instanceof XmlError && because.test(error.message),
  );
};

test('refuses a document type', () => {
  refuses('<!DOCTYPE a><a/>', /document type/);
  refuses('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', /document type/);
});

test('refuses an external entity at its document type', () => {
  refuses('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', /document type/);
});

test('refuses the billion laughs at their document type', () => {
  const entities = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join(
    '',
  );
  refuses(`<!DOCTYPE a [<!ENTITY l0 "lol">${entities}]><a>&l9;</a>`, /document type/);
});

test('refuses an entity that nobody declared', () => {
  refuses('<a>&nbsp;</a>', /undefined entity/);
  refuses('<a b="&x;"/>', /undefined entity/);
});

test('refuses character references to what is no XML character', () => {
  for (const reference of [
    '&#0;',
    '&#x0;',
    '&#8;',
    '&#xB;',
    '&#xD800;',
    '&#xDFFF;',
    '&#xFFFE;',
    '&#xFFFF;',
    '&#x110000;',
  ])
    refuses(`<a>${reference}</a>`, /character entity/);
  for (const reference of ['&#;', '&#x;', '&#xG;', '&#-1;', '&#1a;', '& ;', '&'])
    assert.throws(() => parse(`<a>${reference}</a>`), XmlError, reference);
  refuses(`<a>&#${'9'.repeat(400)};</a>`, /character entity/);
});

test('an XML 1.1 declaration does not let control characters in', () => {
  refuses('<?xml version="1.1"?><a>&#1;</a>', /character entity/);
});

test('refuses control characters and noncharacters written directly', () => {
  for (const character of ['\u0000', '\u0001', '\u000b', '\u001f', '\uFFFE', '\uFFFF'])
    refuses(`<a>${character}</a>`, /disallowed character/);
});

test('refuses what is not UTF-8', () => {
  for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe4]])
    refuses(Buffer.concat([Buffer.from('<a>'), Buffer.from(bytes), Buffer.from('</a>')]), /not UTF-8/);
  refuses(Buffer.from('<a/>', 'utf16le'), /./);
});

test('refuses another declared encoding', () => {
  refuses('<?xml version="1.0" encoding="UTF-16"?><a/>', /UTF-8/);
  refuses('<?xml version="1.0" encoding="ISO-8859-1"?><a/>', /UTF-8/);
  assert.equal(parse('<?xml version="1.0" encoding="utf-8"?><a/>').name, 'a');
});

test('refuses processing instructions other than the declaration', () => {
  refuses('<?xml-stylesheet href="x"?><a/>', /processing instruction/);
  refuses('<a><?php x ?></a>', /processing instruction/);
});

test('refuses duplicate attributes, by name and by namespace', () => {
  refuses('<a b="1" b="2"/>', /duplicate attribute/);
  refuses('<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>', /duplicate attribute/);
});

test('refuses 50,000 nested elements at the depth limit, not at the end', () => {
  refuses(`${'<a>'.repeat(50_000)}${'</a>'.repeat(50_000)}`, /nested deeper than 16/, {
    ...REQUEST_LIMITS,
    bytes: 1_000_000,
  });
  // Cut off behind the limit: had the parser read on, it would complain of the missing end.
  refuses('<a>'.repeat(17), /nested deeper than 16/);
  assert.equal(parse(`${'<a>'.repeat(16)}${'</a>'.repeat(16)}`).name, 'a');
});

test('refuses too many elements and too many attributes', () => {
  refuses(`<a>${'<b/>'.repeat(REQUEST_LIMITS.elements)}`, /more than 1000 elements/);
  const many = Array.from({ length: 33 }, (_, i) => ` a${i}=""`).join('');
  refuses(`<a${many}>`, /too many attributes/);
});

test('refuses an oversized message before looking into it', () => {
  refuses(Buffer.alloc(REQUEST_LIMITS.bytes + 1, 0xff), /larger than 65536 bytes/);
  refuses(`<a>${' '.repeat(REQUEST_LIMITS.bytes)}</a>`, /larger than 65536 bytes/);
});

test('refuses malformed XML', () => {
  const malformed = [
    '',
    ' ',
    'x',
    '<a>',
    '<a></b>',
    '<a/><b/>',
    '<a><b></a></b>',
    '<a b=1/>',
    '<a b/>',
    '<a',
    '<a/>x',
  ];
  for (const xml of [
    ...malformed,
    '<p:a/>',
    '<a p:b=""/>',
    '<a>]]></a>',
    '<a b="<"/>',
    ' <?xml version="1.0"?><a/>',
  ])
    assert.throws(() => parse(xml), XmlError, xml);
});

test('reads namespaces, attributes, references, CDATA and comments', () => {
  const root = parse(
    '\uFEFF<?xml version="1.0"?><p:a xmlns:p="u" xmlns="v" p:x="1" x="&lt;&#65;"><b>1<!-- c -->2<![CDATA[<3>]]></b>&quot;</p:a>',
  );
  assert.deepEqual([root.name, root.namespace, root.text], ['a', 'u', '"']);
  assert.equal(attributeOf(root, 'u', 'x'), '1');
  assert.equal(attributeOf(root, '', 'x'), '<A');
  assert.equal(attributeOf(root, '', 'y'), undefined);
  assert.deepEqual([root.children[0]?.namespace, root.children[0]?.text], ['v', '12<3>']);
});

test('element and attribute names that mean something to JavaScript are just names', () => {
  const root = parse('<constructor __proto__="1"><__proto__>x</__proto__></constructor>');
  assert.equal(attributeOf(root, '', '__proto__'), '1');
  assert.equal(root.children[0]?.name, '__proto__');
});

test('any text survives escaping, in elements and attributes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const legal = replaceIllegal(text);
      const root = parse(`<a b="${escapeAttribute(legal)}">${escapeText(legal)}</a>`);
      assert.equal(root.text, legal);
      assert.equal(attributeOf(root, '', 'b'), legal);
    }),
  );
});

test('characters that XML forbids are replaced one by one, the others kept', () => {
  assert.equal(
    replaceIllegal('a\u0000b\u001f\uFFFE\uD800c\uDC00\t\n\r🔑ä\u{10FFFF}'),
    'a�b���c�\t\n\r🔑ä\u{10FFFF}',
  );
});

test('arbitrary bytes make a DecodeError or a request, never an exception', () => {
  const start = Buffer.from('<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>');
  const piece = fc.constantFrom(
    '<',
    '>',
    '</',
    '/>',
    '&',
    ';',
    '#',
    '"',
    '=',
    'a',
    ' ',
    '<![CDATA[',
    ']]>',
    '<!--',
    '<?',
    '<!DOCTYPE',
    'href',
    'xmlns:',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 60 }),
        fc.array(piece).map((parts) => Buffer.from(parts.join(''))),
      ),
      (bytes) => {
        for (const body of [bytes, Buffer.concat([start, bytes])])
          assert.notEqual(decodeRequest('agent', body).kind, 'request');
      },
    ),
  );
});
