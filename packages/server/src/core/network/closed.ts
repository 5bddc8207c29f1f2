/** Addresses that no profile opens unless it names them with address and port. */
export interface ClosedRange {
  /** The first and the last address, as the ruleset writes them: a prefix, or two addresses and `-`. */
  range: string;
  why: string;
  /** One address in it, for those who try whether it is closed. */
  sample: string;
}

export const closed4: readonly ClosedRange[] = [
  { range: "0.0.0.0/8", why: "this host", sample: "0.1.2.3" },
  { range: "10.0.0.0/8", why: "private", sample: "10.0.0.5" },
  {
    range: "100.64.0.0/10",
    why: "shared by a provider's customers, and metadata",
    sample: "100.100.100.200",
  },
  { range: "127.0.0.0/8", why: "loopback", sample: "127.1.2.3" },
  // Azure's own: to each of its machines it hands out, at ports 80 and 32526, what that machine is to become.
  { range: "168.63.129.16/32", why: "metadata of a provider", sample: "168.63.129.16" },
  { range: "169.254.0.0/16", why: "link-local, and metadata", sample: "169.254.169.254" },
  { range: "172.16.0.0/12", why: "private", sample: "172.16.1.1" },
  { range: "192.0.0.0/24", why: "protocol assignments", sample: "192.0.0.8" },
  { range: "192.0.2.0/24", why: "documentation", sample: "192.0.2.1" },
  { range: "192.88.99.0/24", why: "6to4 relays, which carry IPv6 to anywhere", sample: "192.88.99.1" },
  { range: "192.168.0.0/16", why: "private", sample: "192.168.7.7" },
  { range: "198.18.0.0/15", why: "benchmarks", sample: "198.18.0.1" },
  { range: "198.51.100.0/24", why: "documentation", sample: "198.51.100.1" },
  { range: "203.0.113.0/24", why: "documentation", sample: "203.0.113.9" },
  { range: "224.0.0.0/4", why: "multicast", sample: "224.0.0.1" },
  { range: "240.0.0.0/4", why: "reserved, and broadcast", sample: "240.0.0.1" },
];

/** Only 2000::/3 is public; of that, what carries an IPv4 address within, and what is not for use. */
export const closed6: readonly ClosedRange[] = [
  {
    range: "::-1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    why: "not public: loopback, IPv4 within IPv6, NAT64",
    sample: "64:ff9b::a00:5",
  },
  { range: "2001::/23", why: "protocol assignments, and Teredo, which carries IPv4", sample: "2001:0:1::1" },
  { range: "2001:db8::/32", why: "documentation", sample: "2001:db8::1" },
  { range: "2002::/16", why: "6to4, which carries any IPv4 address", sample: "2002:a00:5::1" },
  { range: "3ffe::/16", why: "not for use", sample: "3ffe::1" },
  { range: "3fff::/20", why: "documentation", sample: "3fff::1" },
  {
    range: "4000::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    why: "not public: private, link-local, multicast",
    sample: "fd00:ec2::254",
  },
];
