/** True when two flat records hold the same values: a command that would change nothing makes no event. */
export function hasSameContent<Content extends object>(left: Content, right: Content): boolean {
  const values = new Map(Object.entries(left));
  const others = Object.entries(right);
  return values.size === others.length && others.every(([field, value]) => values.get(field) === value);
}
