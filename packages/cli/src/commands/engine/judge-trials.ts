import type { Contact } from "@berth/sdk";

export interface Trial {
  protocol: "tcp" | "udp";
  address: string;
  port: number;
  why: string;
  expected: "refused" | "reached";
}

export interface Judged extends Trial {
  seen: string;
  passes: boolean;
}

export const nameOf = ({ protocol, address, port }: Pick<Trial, "protocol" | "address" | "port">): string =>
  `${protocol},${address},${port}`;

/**
 * What became of each trial, by what the job saw and what the kernel noted of it. A closed address passes where the table noted
 * the refusal, or nothing was sent; never by silence, or a refusal that may have come from whoever is there.
 */
export function judgeTrials(
  trials: readonly Trial[],
  { found, contacts }: { found: ReadonlyMap<string, string>; contacts: readonly Contact[] },
): Judged[] {
  const noted = new Map<string, Set<Contact["outcome"]>>();
  for (const { protocol, address, port, outcome } of contacts) {
    const name = `${protocol},${address},${port}`;
    noted.set(name, (noted.get(name) ?? new Set()).add(outcome));
  }
  return trials.map((trial) => {
    const name = nameOf(trial);
    const said = found.get(name) ?? "nothing";
    const outcomes = noted.get(name) ?? new Set();
    if (trial.expected === "reached") return { ...trial, seen: said, passes: said === "open" };
    if (said === "open" || outcomes.has("reached")) return { ...trial, seen: "reached", passes: false };
    if (outcomes.has("refused")) return { ...trial, seen: "refused", passes: true };
    const byTcp = found.get(nameOf({ ...trial, protocol: "tcp" })) ?? "nothing";
    // Of what leads nowhere a datagram is told only now and then: the table has noted neither that it passed nor a refusal.
    if (trial.protocol === "udp" && said === "silence" && byTcp === NO_WAY)
      return { ...trial, seen: NO_WAY, passes: true };
    return { ...trial, seen: said, passes: notSent.has(said) };
  });
}

/** Neither the job's kernel nor its host has a way to such an address. */
const NO_WAY = "ENETUNREACH";

/** The job's own kernel has no way to such an address: nothing has left it. */
const notSent = new Set(["ENETUNREACH", "EINVAL", "EADDRNOTAVAIL", "EAFNOSUPPORT", "EACCES"]);
