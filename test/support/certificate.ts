/** Certificates for tests, made here (RFC 5280), since Node reads them and makes none. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export interface Certified {
  /** PEM */
  certificate: string;
  /** PEM */
  key: string;
}

export interface CertificateOptions {
  host?: string;
  /** Days from now; before it, the certificate has expired. */
  days?: number;
}

/** A certificate for a host of this machine, signed by its own key: by no authority that anybody knows. */
export function selfSigned({ host = 'localhost', days = 30 }: CertificateOptions = {}): Certified {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    certificate: pem('CERTIFICATE', signed(host, days, publicKey, privateKey)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const ecdsaWithSha256 = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex'));

function signed(host: string, days: number, publicKey: KeyObject, privateKey: KeyObject): Buffer {
  const name = der(
    0x30,
    der(0x31, der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from(host)))),
  );
  const day = 86_400_000;
  const from = Date.now() + Math.min(days - 1, -1) * day;
  const address = /^[\d.]+$/.test(host)
    ? der(0x87, Buffer.from(host.split('.').map(Number)))
    : der(0x82, Buffer.from(host));
  const extensions = der(
    0x30,
    extension('551d11', der(0x30, address)),
    extension('551d13', der(0x30, der(0x01, Buffer.from([0xff])))),
  );
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    der(0x30, moment(from), moment(Date.now() + days * day)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = sign('sha256', body, privateKey);
  return der(0x30, body, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
}

function extension(oid: string, value: Buffer): Buffer {
  return der(0x30, der(0x06, Buffer.from(oid, 'hex')), der(0x04, value));
}

function moment(at: number): Buffer {
  const text = new Date(at).toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${text}Z`));
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
