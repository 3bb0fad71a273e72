const late = Symbol('late');

/** Waits for the work, but no longer than this; what it fails with is thrown, unless it comes too late. */
export async function withinLimit(work: Promise<unknown>, limitMs: number): Promise<void> {
  await race(work, limitMs);
}

/** The answer. @throws what the work fails with, and an Error when it takes longer than this. */
export async function answered<Answer>(work: Promise<Answer>, limitMs: number): Promise<Answer> {
  const answer = await race(work, limitMs);
  if (answer === late) throw new Error(`no answer within ${limitMs} ms`);
  return answer;
}

async function race<Answer>(work: Promise<Answer>, limitMs: number): Promise<Answer | typeof late> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<typeof late>((resolve) => {
    timer = setTimeout(resolve, limitMs, late);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
