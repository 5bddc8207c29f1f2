export const networkSpecExample = {
  domains: ["pypi.org", "*.pythonhosted.org"],
  ports: [443],
  rate: "10MiB/s",
};

export const networkExample = {
  name: "pypi",
  source: "api",
  allowed: true,
  digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  createdAt: "2026-01-31T12:00:00.000Z",
  updatedAt: "2026-01-31T12:00:00.000Z",
  spec: networkSpecExample,
};

export const networkListExample = { items: [networkExample] };

export const contactExample = {
  name: "pypi.org",
  address: "151.101.0.223",
  protocol: "tcp",
  port: 443,
  outcome: "reached",
  packets: 14,
  bytesOut: 2210,
  bytesIn: 48_120,
  firstAt: "2026-01-31T12:00:00.020Z",
  lastAt: "2026-01-31T12:00:00.031Z",
};

export const contactsExample = { items: [contactExample], next: null };

export const proposedNetworkExample = {
  spec: { domains: ["pypi.org"], ports: [443] },
  notes: ["pypi.org: 1 job reached it"],
};
