import type { ViewGenerations } from '@reprise/contracts';

/** Longest time, milliseconds, from when a flip is announced until it is made, and readers have gone over. */
export const longestApproachMs = 2_000;

/** What a change of a view's generations tells of a flip: what was announced long ago concerns nobody any more. */
export function flipNews(
  before: ViewGenerations | undefined,
  { live, flipAnnounced: announced }: ViewGenerations,
  nowMs: number,
): 'announced' | 'made' | undefined {
  if (before && before.live !== live) return 'made';
  const known = before?.flipAnnounced;
  if (!announced || (known?.number === announced.number && known.at === announced.at)) return undefined;
  return nowMs - announced.at < longestApproachMs ? 'announced' : undefined;
}
