import { isUtf8 } from 'node:buffer';

export type Line =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly fault: 'line-too-long' | 'not-utf8' };

const newline = 0x0a;

/**
 * Cuts a stream of bytes into lines, numbered from 1. Holds at most `maxBytes` of an unfinished line; of a longer one only
 * the number is kept, while its bytes are passed over.
 */
export class LineSplitter {
  private number = 1;
  private held: Buffer[] = [];
  private heldBytes = 0;
  private isTooLong = false;

  constructor(readonly maxBytes: number) {}

  push(piece: Buffer): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let end = piece.indexOf(newline); end !== -1; end = piece.indexOf(newline, start)) {
      this.hold(piece.subarray(start, end));
      this.finishLine(lines);
      start = end + 1;
    }
    this.hold(piece.subarray(start));
    return lines;
  }

  /** The last line, when the stream ended without a newline. */
  end(): Line[] {
    const lines: Line[] = [];
    this.finishLine(lines);
    return lines;
  }

  private hold(part: Buffer): void {
    if (this.isTooLong || part.length === 0) return;
    this.heldBytes += part.length;
    this.isTooLong = this.heldBytes > this.maxBytes;
    if (this.isTooLong) this.held = [];
    else this.held.push(part);
  }

  /** An empty line counts in the numbering but is no line of its own. */
  private finishLine(lines: Line[]): void {
    const number = this.number;
    const bytes = this.held.length === 1 && this.held[0] ? this.held[0] : Buffer.concat(this.held);
    if (this.isTooLong) lines.push({ number, fault: 'line-too-long' });
    else if (!isUtf8(bytes)) lines.push({ number, fault: 'not-utf8' });
    else if (bytes.length > 0) addText(lines, number, bytes.toString('utf8'));
    this.number += 1;
    this.held = [];
    this.heldBytes = 0;
    this.isTooLong = false;
  }
}

function addText(lines: Line[], number: number, text: string): void {
  if (text.trim() !== '') lines.push({ number, text });
}
