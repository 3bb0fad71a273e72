import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FrameAssembler } from './frame-assembler.js';

/** As an answer comes: its length before it. */
function framed(content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length);
  return Buffer.concat([length, content]);
}

/** Puts the stream in as a socket would: never more than there is space for, and never more than has come. */
function assemble(stream: Buffer, arriving: () => number): Buffer[] {
  const frames: Buffer[] = [];
  const assembler = new FrameAssembler((frame) => {
    frames.push(frame);
  });
  for (let at = 0; at < stream.length;) {
    const space = assembler.space();
    if (space.length === 0) throw new RangeError('no space, though more is to come');
    const bytes = Math.min(space.length, stream.length - at, arriving());
    stream.copy(space, 0, at, at + bytes);
    assembler.filled(bytes);
    at += bytes;
  }
  return frames;
}

/** Many short ones, and some that are longer than what is read at once while no length is known. */
const content = fc
  .oneof(
    { weight: 5, arbitrary: fc.nat({ max: 60 }) },
    { weight: 1, arbitrary: fc.nat({ max: 70_000 }) },
    { weight: 1, arbitrary: fc.constantFrom(0, 16_379, 16_380, 16_381) },
  )
  .chain((length) => fc.nat({ max: 255 }).map((byte) => Buffer.alloc(length, byte)));

test('answers come out whole, in their order, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(content, { maxLength: 12 }),
      fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1_000, max: 40_000 })), {
        minLength: 1,
      }),
      (contents, pieces) => {
        let turn = 0;
        const sent = contents.map(framed);
        const got = assemble(Buffer.concat(sent), () => pieces[turn++ % pieces.length] ?? 1);
        expect(got.map(({ length }) => length)).toEqual(sent.map(({ length }) => length));
        expect(Buffer.concat(got).equals(Buffer.concat(sent))).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

test('an answer stays what it is when others follow', () => {
  const sent = [1, 2, 3].map((byte) => framed(Buffer.alloc(20_000, byte)));
  const got = assemble(Buffer.concat(sent), () => 7_000);
  expect(got).toEqual(sent);
});

test.each([
  ['an answer in another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['an alert of a server that wants TLS', Buffer.from([0x15, 3, 3, 0, 2, 2, 0x28])],
  ['a negative length', Buffer.from([0xff, 0xff, 0xff, 0xff, 0])],
])('%s is refused', (_what, stream) => {
  expect(() => assemble(stream, () => 3)).toThrow(/this is no broker/);
});
