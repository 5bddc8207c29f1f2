/** Of an IPv6 address the network: one customer has all of it. */
export function networkOf(address: string | null): string {
  if (address === null || !address.includes(":")) return address ?? "";
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = address.toLowerCase().split("::");
  const first = head.split(":").filter(Boolean);
  const last = tail === undefined ? [] : tail.split(":").filter(Boolean);
  const zeros = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => "0");
  return [...first, ...zeros, ...last].slice(0, 4).join(":");
}

/** Of an IPv6 address what a provider gives to one house, which has 65,536 networks; of any other the address itself. */
export function siteOf(address: string | null): string {
  const network = networkOf(address);
  return network.includes(":") ? network.split(":").slice(0, 3).join(":") : network;
}
