/** The media type of commands by the line, and of their outcomes. */
export const ndjson = 'application/x-ndjson';

/** What the last line of a batch's answer says of the log. */
export type BatchEnd =
  { readonly outcome: 'published'; readonly position: string } | { readonly outcome: 'pending' };

/**
 * The same answer; `tell` hears of its last line when that was read, and may throw to fail the reader. Not called when that line is
 * another one.
 */
export function watchingEnd(answer: Response, tell: (end: BatchEnd) => void): Response {
  if (!answer.body) return answer;
  const decoder = new TextDecoder();
  let line = '';
  const watching = new TransformStream<Uint8Array, Uint8Array>({
    transform: (bytes, controller) => {
      controller.enqueue(bytes);
      const text = line + decoder.decode(bytes, { stream: true });
      // With the newline that ends it, if that came.
      line = text.slice(text.lastIndexOf('\n', text.length - 2) + 1);
    },
    flush: () => {
      const end = endOf(line);
      if (end) tell(end);
    },
  });
  const { status, statusText, headers } = answer;
  return new Response(answer.body.pipeThrough(watching), { status, statusText, headers });
}

function endOf(line: string): BatchEnd | undefined {
  try {
    const read: unknown = JSON.parse(line);
    if (typeof read !== 'object' || read === null || !('outcome' in read)) return undefined;
    if (read.outcome === 'pending') return { outcome: 'pending' };
    const position = 'position' in read ? read.position : undefined;
    if (read.outcome !== 'published' || typeof position !== 'string') return undefined;
    return { outcome: 'published', position };
  } catch {
    return undefined;
  }
}
