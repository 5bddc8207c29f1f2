import { describe, expect, it } from "vitest";
import { type Attempt, type Judgement, NetworkJudge } from "./judge.ts";
import { closedRules, internetRules, type NetworkRules } from "./profile.ts";

const tcp = (name: string | null, address: string | null, port: number): Attempt => ({
  name,
  address,
  protocol: "tcp",
  port,
});
const at = (range: string, port: number) =>
  ({ range, protocol: "tcp", ports: { first: port, last: port } }) as const;
const rules: NetworkRules = {
  ...closedRules,
  named: [at("10.0.0.0/24", 5432), at("fd00:5::/64", 443)],
  open: [at("11.0.0.0/24", 22)],
  domains: ["granted.org", "*.granted.org"],
  services: [{ protocol: "tcp", ports: { first: 443, last: 444 } }],
};
const by = (how: Extract<Judgement, { passes: true }>["by"]): Judgement => ({ passes: true, by: how });
const not: Judgement = { passes: false, closed: null };
const closed = (why: string): Judgement => ({ passes: false, closed: why });

describe("what would come of an attempt", () => {
  it.each<[string, Attempt, Judgement]>([
    ["is let through where it is named", tcp(null, "10.0.0.5", 5432), by("named")],
    ["is let through there in the mapped spelling too", tcp(null, "::ffff:10.0.0.5", 5432), by("named")],
    ["is let through where it is named by IPv6", tcp(null, "fd00:5::1", 443), by("named")],
    ["is stopped at another port of that", tcp(null, "10.0.0.5", 5433), closed("private")],
    [
      "is stopped by another protocol",
      { ...tcp(null, "10.0.0.5", 5432), protocol: "udp" },
      closed("private"),
    ],
    ["is let through where it is open", tcp(null, "11.0.0.7", 22), by("open")],
    ["is stopped beside that", tcp(null, "11.0.1.7", 22), not],
    ["is let through by a name", tcp("www.granted.org", "12.0.0.1", 443), by("name")],
    ["is let through by the last of its ports", tcp("granted.org", "12.0.0.1", 444), by("name")],
    ["is stopped without the name", tcp(null, "12.0.0.1", 443), not],
    ["is stopped by another name", tcp("other.org", "12.0.0.1", 443), not],
    ["is stopped by another name even where the address is named", tcp("other.org", "10.0.0.5", 5432), not],
    ["is stopped at another port of a name", tcp("granted.org", "12.0.0.1", 80), not],
    [
      "is stopped where a name leads to what is closed",
      tcp("granted.org", "169.254.169.254", 443),
      closed("link-local, and metadata"),
    ],
    ["is told a name", tcp("granted.org", null, 443), by("name")],
    ["is not told another", { ...tcp("other.org", null, 443), protocol: null, port: null }, not],
    [
      "is stopped where nobody knows to where it went",
      { ...tcp("granted.org", "12.0.0.1", 443), port: null },
      not,
    ],
    [
      "is stopped where nobody knows by what it went",
      { ...tcp("granted.org", "12.0.0.1", 443), protocol: null },
      not,
    ],
    ["is stopped where its address is none", tcp("granted.org", "nowhere", 443), not],
  ])("%s", (_what, attempt, judgement) => {
    expect(new NetworkJudge(rules).judge(attempt)).toEqual(judgement);
  });

  it("is stopped by a name where no name is granted, whatever port is", () => {
    const { services } = rules;
    const judge = new NetworkJudge({ ...closedRules, services });
    expect(judge.judge(tcp("any.org", "12.0.0.1", 443))).toEqual(not);
  });

  it.each([{ port: null }, { protocol: null }])(
    "is stopped in all that is public too where %o",
    (unknown) => {
      const attempt = { ...tcp(null, "11.0.0.1", 1), ...unknown };
      expect(new NetworkJudge(internetRules).judge(attempt)).toEqual(not);
    },
  );

  it("is all that is public, and every name, where that is open", () => {
    const judge = new NetworkJudge(internetRules);
    expect(judge.judge(tcp(null, "11.0.0.1", 1))).toEqual(by("public"));
    expect(judge.judge({ name: null, address: "2a00:1::1", protocol: "udp", port: 9 })).toEqual(by("public"));
    expect(judge.judge(tcp("any.org", null, 1))).toEqual(by("name"));
    expect(judge.judge(tcp(null, "10.0.0.5", 1))).toEqual(closed("private"));
  });
});
