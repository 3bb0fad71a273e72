import { expect, test } from '@jest/globals';
import { header } from '@reprise/contracts';
import fc from 'fast-check';
import type { KafkaMessage } from 'kafkajs';
import { readRecord } from './records.js';

type Headers = readonly (readonly [string, string | null])[];

/** Small enough for the number that stands before each part to take one byte or two. */
function varint(value: number): number[] {
  const zigzag = value < 0 ? -2 * value - 1 : 2 * value;
  return zigzag < 0x80 ? [zigzag] : [(zigzag & 0x7f) | 0x80, zigzag >> 7];
}

function part(text: string | null): Buffer {
  if (text === null) return Buffer.from(varint(-1));
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from(varint(bytes.length)), bytes]);
}

/** As a fetched record holds them: behind its value. */
function read(headers: Headers) {
  const parts = headers.flat().map(part);
  const buffer = Buffer.concat([Buffer.from('value'), Buffer.from(varint(headers.length)), ...parts]);
  const message: Partial<KafkaMessage> = { buffer, headersAt: 5, keyText: () => 'a' };
  return readRecord(message as KafkaMessage);
}

const other = fc.tuple(
  // Also names as long as the wanted one.
  fc
    .oneof(fc.string({ maxLength: 40 }), fc.string({ minLength: 16, maxLength: 16 }))
    .filter((name) => name !== header.entityVersion),
  fc.option(fc.string({ maxLength: 80 })),
);
const others = fc.array(other, { maxLength: 12 });

test('the version is what its header says, wherever it stands among the others', () => {
  fc.assert(
    fc.property(
      others,
      others,
      fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      (before, after, version) => {
        const told = [...before, [header.entityVersion, String(version)] as const, ...after];
        expect(read(told).entityVersion).toBe(version);
      },
    ),
  );
});

test.each([null, '', '0', '-1', '1.5', '1e3', '7x', ' 7', '9007199254740993', '9'.repeat(30)])(
  'a header that says %j tells no version',
  (told) => {
    expect(read([[header.entityVersion, told]]).entityVersion).toBeUndefined();
  },
);

test('without the header there is none', () => {
  fc.assert(
    fc.property(others, (headers) => {
      expect(read(headers).entityVersion).toBeUndefined();
    }),
  );
});
