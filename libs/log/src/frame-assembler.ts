/** Bytes of the length that every answer begins with; it counts what follows. */
const lengthBytes = 4;
/** Read at once while it is not known how long the next answer is. */
const headBytes = 16 << 10;
/** A longer answer is none: something else is listening there. */
const mostBytes = 1 << 28;

/** Cuts what comes from a broker into answers. What is read goes to where {@link space} says, and is told by {@link filled}. */
export class FrameAssembler {
  private readonly head = Buffer.allocUnsafeSlow(headBytes);
  /** Bytes in `head`: the beginning of an answer, shorter than its length. */
  private held = 0;
  /** An answer of which the length is known, and how much of it is there. */
  private frame: Buffer | undefined;
  private at = 0;

  constructor(private readonly onFrame: (frame: Buffer) => void) {}

  space(): Buffer {
    return this.frame ? this.frame.subarray(this.at) : this.head.subarray(this.held);
  }

  /** @throws RangeError when what was read is no answer. */
  filled(bytes: number): void {
    if (this.frame) this.extend(this.frame, bytes);
    else this.cut(this.held + bytes);
  }

  private extend(frame: Buffer, bytes: number): void {
    this.at += bytes;
    if (this.at < frame.length) return;
    this.frame = undefined;
    this.onFrame(frame);
  }

  private cut(end: number): void {
    let from = 0;
    while (end - from >= lengthBytes) {
      const length = lengthBytes + this.lengthAt(from);
      const there = Math.min(length, end - from);
      const frame = Buffer.allocUnsafe(length);
      this.head.copy(frame, 0, from, from + there);
      from += there;
      if (there < length) {
        this.frame = frame;
        this.at = there;
      } else this.onFrame(frame);
    }
    this.head.copyWithin(0, from, end);
    this.held = end - from;
  }

  private lengthAt(place: number): number {
    const length = this.head.readInt32BE(place);
    if (length < 0 || length > mostBytes)
      throw new RangeError(`an answer of ${length} bytes: this is no broker`);
    return length;
  }
}
