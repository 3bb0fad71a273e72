import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LineSplitter, type Line } from './line-splitter.js';

const maxBytes = 24;

function split(pieces: readonly Buffer[]): Line[] {
  const splitter = new LineSplitter(maxBytes);
  return [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()];
}

/** What the splitter should find, with everything in memory. */
function expected(text: string): Line[] {
  return text.split('\n').flatMap((line, index): Line[] => {
    const number = index + 1;
    if (Buffer.byteLength(line) > maxBytes) return [{ number, fault: 'line-too-long' }];
    return line.trim() === '' ? [] : [{ number, text: line }];
  });
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index] ?? bytes.length));
}

const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\n', ' '));

describe('cutting a stream into lines', () => {
  test('gives the same lines wherever the stream is cut, even within a character', () => {
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(2_000)), (lines, places) => {
        const text = lines.join('\n');
        expect(split(cut(Buffer.from(text), places))).toEqual(expected(text));
      }),
    );
  });

  test('never fails, and numbers lines as an editor would, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
        const lines = split(pieces.map((piece) => Buffer.from(piece)));
        const newlines = pieces.flatMap((piece) => [...piece]).filter((byte) => byte === 0x0a).length;
        const numbers = lines.map(({ number }) => number);
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
        expect(Math.max(0, ...numbers)).toBeLessThanOrEqual(newlines + 1);
      }),
    );
  });

  test('a line of the greatest length is kept, one byte more is too long, and the next is whole again', () => {
    const longest = 'x'.repeat(maxBytes);
    const pieces = [longest, '\n', longest, 'y', '\nnext'].map((piece) => Buffer.from(piece));
    expect(split(pieces)).toEqual([
      { number: 1, text: longest },
      { number: 2, fault: 'line-too-long' },
      { number: 3, text: 'next' },
    ]);
  });

  test('bytes that are not UTF-8 are a fault of their line alone', () => {
    const bytes = Buffer.concat([Buffer.from('a\n'), Buffer.from([0xff, 0xfe]), Buffer.from('\nb')]);
    expect(split([bytes])).toEqual([
      { number: 1, text: 'a' },
      { number: 2, fault: 'not-utf8' },
      { number: 3, text: 'b' },
    ]);
  });
});
