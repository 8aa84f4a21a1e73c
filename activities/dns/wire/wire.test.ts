import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hostile } from '../../../test/support/hostile-names.ts';
import { answerOf, question } from './messages.ts';
import { BadName, labelsOf, nameToText, nameToWire, readName } from './names.ts';
import { dataKey, decodeData, encodeData, type RecordType } from './record-data.ts';
import { doubtOf, type Key, sign } from './tsig.ts';

const label = fc.uint8Array({ minLength: 1, maxLength: 63 }).map((bytes) => Buffer.from(bytes));
const names = fc.array(label, { maxLength: 4 }).filter((each) => nameToWire(each).length <= 255);

describe('A name', () => {
  it('of any bytes is written as text, read back, and the same over the wire', () => {
    fc.assert(
      fc.property(names, (labels) => {
        expect(labelsOf(nameToText(labels))).toEqual(labels);
        expect(readName(nameToWire(labels), 0)).toEqual({ labels, end: nameToWire(labels).length });
      }),
    );
  });

  it('of any text is either refused in words, or a name that reads the same when it is written again', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        let written: string;
        try {
          written = nameToText(labelsOf(text));
        } catch (error) {
          expect(error).toBeInstanceOf(BadName);
          return;
        }
        expect(nameToText(labelsOf(written))).toBe(written);
        expect(written).toMatch(/^[!-~]+$/);
      }),
    );
  });

  it('has letters of other scripts as A-labels, and a dot within a label behind a backslash', () => {
    expect(nameToText(labelsOf('Bücher.example.'))).toBe('xn--bcher-kva.Bücher'.replace('Bücher', 'example'));
    expect(nameToText(labelsOf('first\\.last.example'))).toBe('first\\.last.example');
    expect(labelsOf('first\\046last.example')).toEqual(labelsOf('first\\.last.example'));
    expect(nameToText(labelsOf('_sip._tcp.example'))).toBe('_sip._tcp.example');
    expect(nameToText(labelsOf('0/25.2.0.192.in-addr.arpa'))).toBe('0/25.2.0.192.in-addr.arpa');
    for (const bad of [
      '',
      '..',
      'a..b',
      '.a',
      'a\\',
      'a\\256b',
      'a\\12',
      '１。２.example',
      `${'a'.repeat(64)}.b`,
    ])
      expect(() => labelsOf(bad)).toThrow(BadName);
    expect(() => labelsOf(Array(5).fill('a'.repeat(62)).join('.'))).toThrow('255 at most');
  });

  it('that points forward, to itself or out of the message is no name', () => {
    for (const bad of [
      [0xc0, 0x00],
      [0x01, 0x61, 0xc0, 0x00],
      [0xc0, 0x05, 0, 0, 0, 0xc0, 0x00],
      [0x05, 0x61],
      [0x80],
    ])
      expect(() => readName(Buffer.from(bad), 0)).toThrow(RangeError);
  });
});

describe('What stands in a record', () => {
  const read = (type: RecordType, data: Buffer) => decodeData(type, data, 0, data.length).text;

  it('is read as it was written', () => {
    const forms: [RecordType, string, string?][] = [
      ['A', '192.0.2.10'],
      ['AAAA', '2001:DB8:0:0:0:0:0:A', '2001:db8::a'],
      ['AAAA', '::ffff:192.0.2.1', '::ffff:c000:201'],
      ['AAAA', '::'],
      ['CNAME', 'www.example.com.', 'www.example.com'],
      ['MX', '10 mail.example.com'],
      ['MX', '0 .'],
      ['SRV', '0 5 443 web.example.com'],
      ['TXT', 'v=spf1 include:_spf.example.com ~all'],
      ['TXT', ''],
      ['TXT', 'a "quoted" ; text, ä 漢'],
      ['TXT', 'v=DKIM1\\; k=rsa', 'v=DKIM1; k=rsa'],
      ['TXT', '\\255\\000', '\\255\\000'],
      ['CAA', '0 issue ca.example.net', '0 issue "ca.example.net"'],
      ['CAA', '128 iodef "mailto:security@example.com"'],
    ];
    for (const [type, text, as = text] of forms) {
      expect({ type, text, read: read(type, encodeData(type, text)) }).toEqual({ type, text, read: as });
      expect(read(type, encodeData(type, as))).toBe(as);
    }
    const any = fc.string({ unit: 'binary', maxLength: 700 }).map((each) => each.replaceAll('\\', '\\\\'));
    fc.assert(
      fc.property(any, (text) => {
        const data = encodeData('TXT', text);
        expect(encodeData('TXT', read('TXT', data))).toEqual(data);
      }),
    );
  });

  it('is refused where it is nothing of the kind', () => {
    const bad: [RecordType, string][] = [
      ['A', '192.0.2'],
      ['A', '192.0.2.010'],
      ['AAAA', 'fe80::1%eth0'],
      ['MX', 'mail.example.com'],
      ['MX', '70000 mail.example.com'],
      ['SRV', '0 5 web.example.com'],
      ['CAA', '256 issue x'],
      ['CAA', '0 is-sue x'],
      ['TXT', 'a\\'],
      ['TXT', '\ud800'],
    ];
    for (const [type, text] of bad) expect(() => encodeData(type, text)).toThrow(BadName);
  });

  it('means the same in capitals where it is a name, and in other parts where it is a text', () => {
    const key = (type: RecordType, text: string) => dataKey(type, encodeData(type, text));
    expect(key('MX', '10 MAIL.example.com.')).toBe(key('MX', '10 mail.Example.com'));
    expect(key('TXT', 'A')).not.toBe(key('TXT', 'a'));
    const parts = Buffer.from([1, 0x61, 2, 0x62, 0x63]);
    expect(dataKey('TXT', parts)).toBe(key('TXT', 'abc'));
  });
});

describe('A signature', () => {
  const key: Key = {
    name: 'k.example',
    algorithm: 'hmac-sha256',
    secret: Buffer.from('secret').toString('base64'),
  };
  // What a server answers: the same message, as an answer, signed with what was asked before it.
  const asked = sign(question(7, labelsOf('a.example'), 1), key, 1_800_000_000);

  it('of a request alone is none of an answer, and an unsigned one is seen', () => {
    const plain = question(7, labelsOf('a.example'), 1);
    plain.writeUInt16BE(0x8400, 2);
    expect(doubtOf(plain, answerOf(plain), key, asked.mac, 1_800_000_000)).toEqual({ kind: 'unsigned' });
    const own = sign(plain, key, 1_800_000_000).message;
    expect(doubtOf(own, answerOf(own), key, asked.mac, 1_800_000_000)).toEqual({ kind: 'bad' });
    const other = sign(plain, { ...key, name: 'other.example' }, 1_800_000_000).message;
    expect(doubtOf(other, answerOf(other), key, asked.mac, 1_800_000_000)).toEqual({ kind: 'other-key' });
  });
});
