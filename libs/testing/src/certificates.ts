import 'reflect-metadata';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** PEM files of one authority, and of a server on this machine that it vouches for. */
export interface Certificates {
  /** The authority's certificate. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** The server's key and certificate in one file. */
  readonly keyAndCert: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 24 * 60 * 60 * 1_000;

/** Makes an authority that nobody knows, and has it vouch for a server at `localhost` and 127.0.0.1, or elsewhere. */
export async function certificates(folder: string, host = 'localhost'): Promise<Certificates> {
  mkdirSync(folder, { recursive: true });
  const [authority, server] = [await keyPair(), await keyPair()];
  const validity = { notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + dayMs) };
  const ca = await x509.X509CertificateGenerator.createSelfSigned(
    {
      ...{
        serialNumber: '01',
        name: 'CN=An authority of a test',
        signingAlgorithm: algorithm,
        keys: authority,
      },
      ...validity,
      extensions: [
        new x509.BasicConstraintsExtension(true, 1, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      ],
    },
    webcrypto,
  );
  const cert = await x509.X509CertificateGenerator.create(
    {
      ...{ serialNumber: '02', subject: `CN=${host}`, issuer: ca.subject, signingAlgorithm: algorithm },
      ...{ publicKey: server.publicKey, signingKey: authority.privateKey },
      ...validity,
      extensions: [new x509.SubjectAlternativeNameExtension(namesOf(host))],
    },
    webcrypto,
  );
  const key = x509.PemConverter.encode(
    await webcrypto.subtle.exportKey('pkcs8', server.privateKey),
    'PRIVATE KEY',
  );
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, `${text}\n`, { mode: 0o644 });
    return path;
  };
  return {
    ca: write('ca.pem', ca.toString('pem')),
    cert: write('cert.pem', cert.toString('pem')),
    key: write('key.pem', key),
    keyAndCert: write('key-and-cert.pem', `${key}\n${cert.toString('pem')}`),
  };
}

function namesOf(host: string): x509.JsonGeneralNames {
  const dns = { type: 'dns', value: host } as const;
  return host === 'localhost' ? [dns, { type: 'ip', value: '127.0.0.1' }] : [dns];
}

function keyPair(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}
