import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { decodeProtectedHeader, type FlattenedJWSInput } from 'jose';
import { Issuer } from '@reprise/testing';
import { KeysUnknown, SigningKeys } from './signing-keys.js';

let issuer: Issuer;
let nowMs: number;
let troubles: string[];
let keys: SigningKeys;

beforeEach(async () => {
  issuer = await Issuer.open();
  nowMs = 0;
  troubles = [];
  keys = new SigningKeys({
    issuer: issuer.url,
    jwksUrl: undefined,
    nowMs: () => nowMs,
    onTrouble: (reason) => troubles.push(reason),
  });
});

afterEach(() => issuer.stop());

/** Whether the key of a token is found. */
async function finds(kid: string): Promise<boolean> {
  const token = await issuer.token({ kid });
  const [header = '', payload = '', signature = ''] = token.split('.');
  const jws: FlattenedJWSInput = { protected: header, payload, signature };
  try {
    await keys.keyOf({ ...decodeProtectedHeader(token), alg: 'RS256' }, jws);
    return true;
  } catch (failure) {
    if (failure instanceof KeysUnknown) throw failure;
    return false;
  }
}

const fetches = (): number => issuer.asked.filter((path) => path === '/keys').length;

test('keys are fetched once, by discovery, and kept', async () => {
  expect(await finds('first')).toBe(true);
  nowMs += 60_000;
  expect(await finds('first')).toBe(true);
  expect(issuer.asked).toEqual(['/.well-known/openid-configuration', '/keys']);
});

test('a new key is found as soon as a token names it', async () => {
  await finds('first');
  await issuer.rotate('second');
  nowMs += 30_000;
  expect(await finds('second')).toBe(true);
  expect(await finds('first')).toBe(false);
});

test('tokens that name keys that nobody has do not have them fetched again and again', async () => {
  await finds('first');
  await issuer.rotate('second');
  for (let guess = 0; guess < 20; guess += 1) expect(await finds('second')).toBe(false);
  expect(fetches()).toBe(1);
});

test('an issuer that is away locks nobody out whose key is known', async () => {
  await finds('first');
  await issuer.stop();
  nowMs += 24 * 60 * 60_000;
  expect(await finds('first')).toBe(true);
  await issuer.rotate('second');
  nowMs += 60_000;
  expect(await finds('second')).toBe(false);
  expect(troubles.length).toBeGreaterThan(0);
  await issuer.start();
  nowMs += 60_000;
  expect(await finds('second')).toBe(true);
});

test('a key that was withdrawn is not taken for ever', async () => {
  await finds('first');
  await issuer.rotate('second');
  nowMs += 10 * 60_000;
  await keys.refresh();
  expect(await finds('first')).toBe(false);
});

test('while nothing is known nobody can tell, and it is tried again', async () => {
  await issuer.stop();
  await expect(finds('first')).rejects.toThrow(KeysUnknown);
  expect(keys.areKnown).toBe(false);
  await issuer.start();
  await expect(finds('first')).rejects.toThrow(KeysUnknown);
  nowMs += 1_000;
  expect(await finds('first')).toBe(true);
});

test('what is no key set changes nothing', async () => {
  await finds('first');
  const wrong = new SigningKeys({
    issuer: `${issuer.url}/elsewhere`,
    jwksUrl: `${issuer.url}/.well-known/openid-configuration`,
    nowMs: () => nowMs,
    onTrouble: (reason) => troubles.push(reason),
  });
  await wrong.refresh();
  expect(wrong.areKnown).toBe(false);
  expect(troubles).toHaveLength(1);
});
