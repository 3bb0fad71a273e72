/** Metrics that a text names, as they are declared: a histogram’s series have suffixes. */
export function metricsIn(text: string): string[] {
  const named = text.match(/\b(?:reprise|nodejs|process)_[a-z0-9_]+/g) ?? [];
  return [...new Set(named.map((name) => name.replace(/_(?:bucket|sum|count)$/, '')))];
}
