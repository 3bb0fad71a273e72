import { StreamDecoder, type LogConnection } from '@reprise/log';
import type { AnyView } from '@reprise/view';
import type { FeederPorts } from './feeder.js';

/** How a feeder reads records of the view's source. */
export function decodersOf(
  { source, fields }: AnyView<unknown>,
  connection: LogConnection,
): Pick<FeederPorts<unknown>, 'decode' | 'decodeFact' | 'describe'> {
  const states = StreamDecoder.states(source, connection, fields);
  const facts = StreamDecoder.fields(source, connection, fields);
  const whole = StreamDecoder.whole(source, connection);
  return {
    decode: (value) => states.decodeSoon(bufferOf(value)),
    decodeFact: (value) => facts.decodeSoon(bufferOf(value)),
    describe: async (value) => {
      try {
        return JSON.stringify(await whole.decode(bufferOf(value)));
      } catch {
        // The letter itself says why: this is only for the eye.
        return null;
      }
    },
  };
}

/** avsc takes buffers only, and hands over buffers only. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
