/** Gives what `source` gives, but works on the next item while its reader works on this one. */
export async function* oneAhead<Item>(source: AsyncIterable<Item>): AsyncGenerator<Item> {
  const iterator = source[Symbol.asyncIterator]();
  const fetchNext = (): Promise<IteratorResult<Item, unknown>> => {
    const next = iterator.next();
    // Its failure is met when it is awaited; a reader who leaves before that must not bring the process down.
    next.catch(() => undefined);
    return next;
  };
  let next = fetchNext();
  try {
    for (let result = await next; !result.done; result = await next) {
      next = fetchNext();
      yield result.value;
    }
  } finally {
    await next.catch(() => undefined);
    await iterator.return?.();
  }
}
