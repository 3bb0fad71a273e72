import { setTimeout as pause } from 'node:timers/promises';

/** Rebuilds a view and retires the new generation again: records and seconds from the command to `ready`. */
export async function rebuild(control: string, view: string): Promise<{ records: number; seconds: number }> {
  const began = performance.now();
  const started = await call(control, 'POST', `/views/${view}/rebuilds`);
  const path = `/views/${view}/generations/${String(member(started, 'number'))}`;
  for (;;) {
    const generation = await call(control, 'GET', path);
    const status = member(generation, 'status');
    if (status === 'failed') throw new Error(`${view}: ${String(member(generation, 'reason'))}`);
    if (status === 'ready') {
      const seconds = (performance.now() - began) / 1_000;
      const records = Number(member(member(generation, 'progress'), 'recordsApplied'));
      await call(control, 'POST', `${path}/retire`);
      return { records, seconds };
    }
    await pause(50);
  }
}

async function call(control: string, method: string, path: string): Promise<unknown> {
  const response = await fetch(`${control}${path}`, {
    method,
    ...(method === 'POST' ? { body: '{}', headers: { 'content-type': 'application/json' } } : {}),
  });
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${String(member(body, 'detail'))}`);
  return body;
}

function member(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null
    ? Object.entries(body).find(([key]) => key === name)?.[1]
    : undefined;
}
