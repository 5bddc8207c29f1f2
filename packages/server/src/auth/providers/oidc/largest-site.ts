/** What is kept of somebody elsewhere: where that one comes from. */
export interface FromSite {
  site: string;
}

export interface LargestSite {
  site: string;
  count: number;
  /** Key of what is kept of it for the longest time. */
  oldest: string;
}

/** Of whom most is kept: whoever floods makes room for all others. Of equals whose oldest is older; null where nothing is kept. */
export function largestSite(kept: ReadonlyMap<string, FromSite>): LargestSite | null {
  const sites = new Map<string, LargestSite>();
  for (const [key, { site }] of kept) {
    const found = sites.get(site);
    if (found === undefined) sites.set(site, { site, count: 1, oldest: key });
    else found.count += 1;
  }
  let largest: LargestSite | null = null;
  for (const one of sites.values()) if (one.count > (largest?.count ?? 0)) largest = one;
  return largest;
}
