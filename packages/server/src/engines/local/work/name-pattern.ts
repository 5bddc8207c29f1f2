/** Whether a name fits; for one segment of a pattern, between two slashes. */
export type NamePattern = (name: string) => boolean;

/**
 * Compiles a segment in which `*` stands for any part of a name. What stands between two stars is looked for once, from
 * the left, and never again: the cost grows with the length of the name and of the segment, not with their product.
 */
export function namePattern(segment: string): NamePattern {
  const [first = "", ...others] = segment.split("*");
  const last = others.pop();
  if (last === undefined) return (name) => name === segment;
  const middles = others.filter((part) => part !== "");
  return (name) => {
    if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
      return false;
    const end = name.length - last.length;
    let at = first.length;
    for (const part of middles) {
      const found = name.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}
