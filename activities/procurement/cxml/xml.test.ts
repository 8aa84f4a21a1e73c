import { describe, expect, it } from '@jest/globals';
import { readRequest, readStatus } from './envelope.ts';
import { element, escaped, NotReadable, parseXml, xmlText } from './xml.ts';

const printable = `<&>"' ]]>  &amp; ünï \u{1F600}\nline`;
const hostile = `\u0000${printable}\u0008`;

describe('Writing XML', () => {
  it('gives back any text, in content and in attributes, but for what XML cannot carry', () => {
    const root = parseXml(element('a', { b: hostile }, element('c', {}, escaped(hostile))));
    expect(root.attributes.b).toBe(printable);
    expect(root.children[0]?.text).toBe(printable);
  });
});

describe('Reading XML', () => {
  it('keeps CDATA as it stands, and knows XML’s own entities and numbered characters', () => {
    const { text } = parseXml('<a>x &lt; y &#38; &#x7A;<![CDATA[<b>&amp;</b>]]></a>');
    expect(text).toBe('x < y & z<b>&amp;</b>');
  });

  it('fetches nothing and expands nothing: a document with entities of its own is refused', () => {
    const external = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>';
    const laughs = `<!DOCTYPE a [<!ENTITY l0 "ha">${Array.from({ length: 30 }, (_, n) => `<!ENTITY l${n + 1} "&l${n};&l${n};">`).join('')}]><a>&l30;</a>`;
    const parameter = '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p;]><a/>';
    const late = '<a><!DOCTYPE b [<!ENTITY x "y">]>&x;</a>';
    for (const text of [external, laughs, parameter, late]) {
      const began = performance.now();
      expect(() => parseXml(text)).toThrow('defines entities or declarations of its own');
      expect(performance.now() - began).toBeLessThan(1_000);
    }
  });

  it('takes for a declaration only what is one: not the words in a comment, in literal text or in an instruction', () => {
    const grammar = '<!DOCTYPE a SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd">';
    for (const text of [
      `<!-- <!DOCTYPE b [ --><a/>`,
      `<a><!-- see <!ENTITY x "y"> --></a>`,
      `<a><![CDATA[<!DOCTYPE b [<!ENTITY x "y">]>]]></a>`,
      `${grammar}<!-- ${grammar} --><a><![CDATA[${grammar}]]></a>`,
      `<?xml version="1.0"?><?note <!ELEMENT b ANY> ?>${grammar}<a/>`,
    ])
      expect(parseXml(text).name).toBe('a');
    expect(() => parseXml('<!-- x --><!DOCTYPE a [<!ENTITY x "y">]><a><!-- y --></a>')).toThrow(
      'declarations of its own',
    );
  });

  it.each([
    ['iso-8859-1', Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>Zoë</a>', 'latin1'), undefined],
    ['the encoding that HTTP names', Buffer.from('<a>Zoë</a>', 'latin1'), 'text/xml; charset=ISO-8859-1'],
    ['UTF-8 where nothing is said', Buffer.from('<a>Zoë</a>'), 'text/xml'],
    [
      'UTF-8 with a mark, whatever else is said',
      Buffer.from('\uFEFF<a>Zoë</a>'),
      'text/xml; charset=iso-8859-1',
    ],
    ['UTF-16', Buffer.from('\uFEFF<?xml version="1.0" encoding="UTF-16"?><a>Zoë</a>', 'utf16le'), undefined],
  ])('reads %s', (_, bytes, contentType) => {
    expect(parseXml(xmlText(bytes, contentType)).text).toBe('Zoë');
  });

  it('refuses bytes that are not in the encoding that they claim, and encodings that there are not', () => {
    expect(() => xmlText(Buffer.from('<a>Zoë</a>', 'latin1'))).toThrow('written in utf-8');
    expect(() => xmlText(Buffer.from('<?xml version="1.0" encoding="klingon"?><a/>'))).toThrow(
      'written in klingon',
    );
  });

  it('refuses entities that are not XML’s, and characters that there are not', () => {
    expect(() => parseXml('<a>&nbsp;</a>')).toThrow('names the entity &nbsp;');
    expect(() => parseXml('<a>&#x110000;</a>')).toThrow('names the character');
  });

  it.each([
    '',
    'no XML',
    '<a>',
    '<a></b>',
    '<a/><b/>',
    '{"a":1}',
    '<a b=c/>',
    '<__proto__/>',
    '<a __proto__="1"/>',
  ])('refuses %j, and never with an error of its own making', (text) => {
    expect(() => parseXml(text)).toThrow(NotReadable);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it('takes no more time for what is made to take it', () => {
    for (const part of [
      '<!DOCTYPE',
      '<!DOCTYPE a [',
      '<!--',
      '<![CDATA[',
      '&',
      '&a',
      '<a ',
      '<a b="',
      '<?x ',
      '<a>',
      ']]>',
    ])
      for (const text of [
        part.repeat(1_000_000 / part.length),
        `<a>${part.repeat(1_000_000 / part.length)}`,
      ]) {
        const began = performance.now();
        expect(() => parseXml(text)).toThrow(NotReadable);
        expect({ part, fast: performance.now() - began < 3_000 }).toEqual({ part, fast: true });
      }
  });

  it('refuses what is nested without end', () => {
    expect(() => parseXml('<a>'.repeat(10_000) + '</a>'.repeat(10_000))).toThrow(NotReadable);
  });
});

describe('Reading cXML', () => {
  it('finds the status of an answer, with its words', () => {
    const text =
      '<cXML payloadID="1"><Response><Status code="409" text="Conflict">Duplicate order &amp; more</Status></Response></cXML>';
    expect(readStatus(text)).toEqual({ code: 409, text: 'Conflict', words: 'Duplicate order & more' });
    expect(() => readStatus('<html><body>Sign in</body></html>')).toThrow('its outermost element is html');
    expect(() => readStatus('<cXML><Response/></cXML>')).toThrow('no Response with a Status');
  });

  it('says what a request lacks', () => {
    const request = (header: string, inner: string) =>
      `<cXML payloadID="p1"><Header>${header}</Header><Request>${inner}</Request></cXML>`;
    expect(() => readRequest('<cXML/>')).toThrow('no payloadID');
    expect(() => readRequest(request('', '<X/>'))).toThrow('lacks a credential');
  });
});
