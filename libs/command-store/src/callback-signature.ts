import { createHmac } from 'node:crypto';

/** Headers of a callback. */
export const callbackHeader = {
  /** The operation's id: the same again when a callback is delivered twice. */
  id: 'reprise-callback-id',
  /** Epoch seconds at which it was sent. */
  timestamp: 'reprise-callback-timestamp',
  /** `sha256=` and, in hexadecimal, the HMAC of timestamp, a dot and the body. */
  signature: 'reprise-callback-signature',
} as const;

/** What a receiver must come to as well: with the shared secret, over `<timestamp>.<body>`. */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
