import { describe, expect, test } from '@jest/globals';
import type { Generation, ViewGenerations } from '@reprise/contracts';
import { otherVersion, servedGeneration, shadowGeneration } from './served-generation.js';

/** As `2:live`: the version of its definition, and its status; `!` behind it is paused. Numbers count from 1. */
function generation(text: string, place: number): Generation {
  const [version, status = ''] = text.split(':');
  return {
    number: place + 1,
    definitionVersion: Number(version),
    status: status.replace('!', ''),
    paused: status.endsWith('!'),
    startedAt: 0,
    statusSince: 0,
    requestedBy: 'test',
    autoFlip: false,
    targets: [],
    reason: null,
    dropped: false,
    fingerprint: '',
    maxRecordsPerSecond: null,
    verification: null,
  };
}

function viewOf(texts: readonly string[]): ViewGenerations {
  const generations = texts.map(generation);
  return {
    view: 'some-view',
    live: generations.find(({ status }) => status === 'live')?.number ?? null,
    previous: null,
    sourceTopics: [],
    definitionVersion: 2,
    generations,
    flips: [],
    flipAnnounced: null,
  };
}

type Choice = [
  string,
  { readonly of: readonly string[]; readonly reads: readonly number[]; readonly is: number },
];

describe('the generation that answers', () => {
  test.each<Choice>([
    ['is the live one, whatever is newer', { of: ['1:standby', '1:live', '1:ready'], reads: [1], is: 2 }],
    ['is the live one of any version that is read', { of: ['1:standby', '2:live'], reads: [1, 2], is: 2 }],
    ['is the old one again after a rollback', { of: ['1:live', '2:standby'], reads: [1, 2], is: 1 }],
  ])('%s', (_, { of, reads, is }) => {
    expect(servedGeneration(viewOf(of), reads)).toEqual({ number: is, isLive: true });
  });

  test.each<Choice>([
    [
      'the one on standby, after a flip to another version',
      { of: ['1:standby', '2:live'], reads: [1], is: 1 },
    ],
    [
      'the one on standby, after a rollback to another version',
      { of: ['1:live', '2:standby'], reads: [2], is: 2 },
    ],
    ['one that is ready, before it ever was live', { of: ['1:live', '2:ready'], reads: [2], is: 2 }],
    ['the newest of several', { of: ['1:standby', '1:standby', '1:ready', '2:live'], reads: [1], is: 3 }],
    ['the newest that is verified', { of: ['1:standby', '2:live', '1:verifying'], reads: [1], is: 1 }],
    [
      'the newest that is fed',
      { of: ['1:standby', '1:standby!', '1:failed', '1:retired', '2:live'], reads: [1], is: 1 },
    ],
    [
      'the newest of all versions that are read',
      { of: ['1:standby', '2:standby', '3:live'], reads: [1, 2], is: 2 },
    ],
  ])('while the live one cannot be read, is %s', (_, { of, reads, is }) => {
    expect(servedGeneration(viewOf(of), reads)).toEqual({ number: is, isLive: false });
  });

  test.each<[string, readonly string[]]>([
    ['nothing was built', []],
    ['the first one is being built', ['2:building']],
    ['only other versions are there', ['1:live', '1:standby', '1:ready']],
    ['its own is not whole yet', ['1:live', '2:building', '2:catching-up', '2:verifying']],
    ['its own is gone, or not fed', ['1:live', '2:retired', '2:failed', '2:standby!', '2:ready!']],
  ])('is none when %s', (_, generations) => {
    expect(servedGeneration(viewOf(generations), [2])).toBeUndefined();
  });
});

describe('the generation that is asked as well', () => {
  test('is the newest that is ready and can be read', () => {
    const view = viewOf(['1:live', '1:ready', '1:ready', '2:ready']);
    expect(shadowGeneration(view, [1])).toBe(3);
    expect(shadowGeneration(view, [1, 2])).toBe(4);
    expect(shadowGeneration(view, [3])).toBeUndefined();
  });
});

describe('a refusal for the sake of the version', () => {
  test('names the version that is live, and those that are read', () => {
    expect(otherVersion(viewOf(['3:live']), [2])).toMatch(
      /live in version 3\. This service reads version 2,/,
    );
    expect(otherVersion(viewOf(['3:live']), [1, 2])).toMatch(/reads versions 1, 2,/);
  });

  test('is none while nothing is live: then it is only early', () => {
    expect(otherVersion(viewOf(['2:building']), [2])).toBeUndefined();
  });
});
