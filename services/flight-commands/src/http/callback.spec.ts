import { describe, expect, test } from '@jest/globals';
import { ProblemException } from '@reprise/service';
import { isAllowedCallback, readCallback } from './callback.js';

const origins = ['https://hooks.example.com', 'http://127.0.0.1:9000'];

function codeOf(written: string, options: Partial<Parameters<typeof readCallback>[1]> = {}): unknown {
  try {
    return readCallback({ 'reprise-callback': written }, { origins, respondAsync: true, ...options });
  } catch (refusal) {
    return refusal instanceof ProblemException ? refusal.problem.code : refusal;
  }
}

describe('the header Reprise-Callback', () => {
  test('may be left out', () => {
    expect(readCallback({}, { origins: [], respondAsync: false })).toBeUndefined();
  });

  test.each(['https://hooks.example.com/a?b=c', 'http://127.0.0.1:9000/'])('%s is taken', (url) => {
    expect(codeOf(url)).toBe(url);
  });

  test.each([
    ['https://hooks.example.com.evil.org/', 'callback-not-allowed'],
    ['http://hooks.example.com/', 'callback-not-allowed'],
    ['https://hooks.example.com:8443/', 'callback-not-allowed'],
    ['http://127.0.0.1:9001/', 'callback-not-allowed'],
    ['file:///etc/passwd', 'callback-not-allowed'],
    ['https://hooks.example.com@evil.org/', 'invalid-header'],
    ['https://user:word@hooks.example.com/', 'invalid-header'],
    ['hooks', 'invalid-header'],
    [`https://hooks.example.com/${'x'.repeat(2_000)}`, 'invalid-header'],
  ])('%s is refused: %s', (url, code) => {
    expect(codeOf(url)).toBe(code);
  });

  test('is refused where nobody may be called, and beside an answer that tells already', () => {
    expect(codeOf('https://hooks.example.com/', { origins: [] })).toBe('callbacks-off');
    expect(codeOf('https://hooks.example.com/', { respondAsync: false })).toBe('callback-without-async');
  });
});

test('an address that is none may not be called', () => {
  expect(isAllowedCallback('hooks', origins)).toBe(false);
});
