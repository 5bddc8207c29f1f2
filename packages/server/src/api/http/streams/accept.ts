import { BerthError } from "@berth/protocol";

/**
 * The media type to answer with: of those offered, the one that the `Accept` header likes best; the first offered
 * where it has no preference. Throws NOT_ACCEPTABLE when it wants none of them.
 */
export function negotiate<const Type extends string>(
  accept: string | undefined,
  offered: readonly [Type, ...Type[]],
): Type {
  if (accept === undefined || accept.trim() === "") return offered[0];
  const ranges = accept.split(",").map(parseRange);
  let best: { type: Type; quality: number } | null = null;
  for (const type of offered) {
    const quality = qualityOf(type, ranges);
    if (quality > 0 && (best === null || quality > best.quality)) best = { type, quality };
  }
  if (best) return best.type;
  throw new BerthError("NOT_ACCEPTABLE", `Cannot answer as asked: this path offers ${offered.join(", ")}`);
}

interface Range {
  type: string;
  quality: number;
}

function parseRange(text: string): Range {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith("q="));
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

/** The most exact range that matches decides. */
function qualityOf(type: string, ranges: readonly Range[]): number {
  const family = `${type.split("/")[0] ?? ""}/*`;
  for (const pattern of [type, family, "*/*"]) {
    const range = ranges.find((candidate) => candidate.type === pattern);
    if (range) return range.quality;
  }
  return 0;
}
