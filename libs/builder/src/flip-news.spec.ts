import { describe, expect, test } from '@jest/globals';
import type { ViewGenerations } from '@reprise/contracts';
import { flipNews, longestApproachMs } from './flip-news.js';

const view: ViewGenerations = {
  view: 'board',
  live: 1,
  previous: null,
  sourceTopics: [],
  definitionVersion: 1,
  generations: [],
  flips: [],
  flipAnnounced: null,
};
const announced = { ...view, flipAnnounced: { number: 2, at: 1_000 } };
const made = { ...announced, live: 2, previous: 1 };

describe('what a change tells of a flip', () => {
  test('it is announced once', () => {
    expect(flipNews(view, announced, 1_010)).toBe('announced');
    expect(flipNews(announced, { ...announced, definitionVersion: 2 }, 1_020)).toBeUndefined();
  });

  test('it is announced again when it is tried again', () => {
    const again = { ...announced, flipAnnounced: { number: 2, at: 1_500 } };
    expect(flipNews(announced, again, 1_510)).toBe('announced');
  });

  test('it is made, and the next one is announced', () => {
    expect(flipNews(announced, made, 1_020)).toBe('made');
    const back = { ...made, flipAnnounced: { number: 1, at: 1_500 } };
    expect(flipNews(made, back, 1_510)).toBe('announced');
  });

  test('one of long ago concerns nobody, also not a builder that hears of it first', () => {
    expect(flipNews(undefined, announced, 1_000 + longestApproachMs)).toBeUndefined();
    expect(flipNews(undefined, made, 1_000 + longestApproachMs)).toBeUndefined();
  });

  test('nothing, as long as nothing is said of one', () => {
    expect(flipNews(view, { ...view, definitionVersion: 2 }, 5)).toBeUndefined();
  });
});
