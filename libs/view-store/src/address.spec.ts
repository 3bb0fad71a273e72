import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { addressProblem, openAddress, type StoreKind } from './address.js';

const folder = mkdtempSync(join(tmpdir(), 'reprise-address-'));
const ca = join(folder, 'ca.pem');
writeFileSync(ca, 'a certificate\n');

describe('the address of a store', () => {
  test.each<[StoreKind, string]>([
    ['postgres', 'postgres://ann:s3cret@db:5432/flights'],
    ['postgres', `postgresql://ann@db/flights?sslmode=verify-full&sslrootcert=${ca}`],
    ['postgres', 'postgres://ann@db/flights?sslmode=disable&application_name=x'],
    ['redis', 'redis://cache:6379'],
    ['redis', `rediss://ann:s3cret@cache:6379?sslrootcert=${ca}`],
    ['elasticsearch', 'http://search:9200'],
    ['elasticsearch', `https://search:9200?sslrootcert=${ca}&apikeyfile=${ca}`],
  ])('of %s may be %s', (kind, address) => {
    expect(addressProblem(kind, address)).toBeUndefined();
  });

  test.each<[StoreKind, string, string]>([
    ['postgres', 'http://db', 'must be an address that begins with postgres:// or postgresql://'],
    ['redis', 'cache:6379', 'must be an address that begins with redis:// or rediss://'],
    ['redis', '', 'must be an address that begins with redis:// or rediss://'],
    ['postgres', 'postgres://db/x?sslmode=require', 'sslmode must be verify-full or disable'],
    ['postgres', 'postgres://db/x?sslmode=no-verify', 'sslmode must be verify-full or disable'],
    ['postgres', 'postgres://db/x?ssl=true', 'TLS is asked for by sslmode=verify-full'],
    ['postgres', `postgres://db/x?sslrootcert=${ca}`, 'sslrootcert need sslmode=verify-full'],
    ['postgres', `postgres://db/x?sslmode=verify-full&sslcert=${ca}`, 'sslcert and sslkey need each other'],
    [
      'postgres',
      'postgres://db/x?sslmode=verify-full&sslrootcert=/no',
      'sslrootcert must be a file that can be read',
    ],
    ['redis', `redis://cache?sslrootcert=${ca}`, 'sslrootcert need rediss://'],
    ['elasticsearch', `http://search?sslrootcert=${ca}`, 'sslrootcert need https://'],
    ['elasticsearch', `https://ann:s3cret@search?apikeyfile=${ca}`, 'apikeyfile says already who we are'],
  ])('of %s may not be %s', (kind, address, problem) => {
    expect(addressProblem(kind, address)).toBe(problem);
    expect(() => openAddress(kind, address)).toThrow(problem);
  });

  test('is taken apart for clients that know nothing of files', () => {
    expect(openAddress('elasticsearch', `https://search:9200/?apikeyfile=${ca}&sslrootcert=${ca}`)).toEqual({
      ...{ url: 'https://search:9200/', ca: 'a certificate\n', apiKey: 'a certificate' },
    });
    expect(openAddress('redis', 'redis://:s3cret@cache:6379/2')).toEqual({
      ...{ url: 'redis://:s3cret@cache:6379/2', ca: undefined, apiKey: undefined },
    });
  });
});
