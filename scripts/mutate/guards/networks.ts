import type { Guard } from "./guard.ts";

const source = "packages/server/src";
const local = `${source}/engines/local`;
const tests = "packages/server/test";
const jobs = `${tests}/networks/jobs.test.ts`;

/** What a job can reach, from who may ask for it to what is left when it is over. The kernel's are tried on a host with nft. */
export const networks: readonly Guard[] = [
  {
    guard: "a network profile is for those whom the operator has named",
    file: `${source}/operations/networks/may-use-network.ts`,
    take: `name === "none" || policy.network.allowed.includes(name)`,
    leave: "policy.network.allowed.length >= 0",
    test: `${tests}/networks-api.test.ts`,
    title: "is refused where the profile is not there",
  },
  {
    guard: "an entry of a network profile opens what is closed only where it lies within it",
    file: `${source}/core/network/rules-of.ts`,
    take: "outer.first <= inner.first && inner.last <= outer.last",
    leave: "outer.first <= inner.last && inner.first <= outer.last",
    test: `${source}/core/network/rules-of.test.ts`,
  },
  {
    guard: "a job with a network does not begin before the kernel has its grant",
    file: `${local}/start-job.ts`,
    take: "Promise.all([networks.grant(place.network.name, network), named]);",
    leave: "named;",
    test: jobs,
    title: "from its first instruction",
  },
  {
    guard: "a link is granted a profile that the kernel has",
    file: `${local}/networks/table.ts`,
    take: "      return text;\n    }, arrived)",
    leave: "      arrived();\n      return text;\n    })",
    test: jobs,
    title: "is granted a profile that is new to the server",
  },
  {
    guard: "what is private is closed to the profile of what is public",
    file: `${local}/networks/ruleset.ts`,
    take: `    ip daddr @closed4 goto refuse comment "closed4"\n`,
    test: jobs,
    title: "from its first instruction",
  },
  {
    guard: "what a job was granted ends with it",
    file: `${local}/jobs/local-jobs.ts`,
    take: "await Promise.all([names.dismiss(network), networks.revoke(network.name)]);",
    leave: "await names.dismiss(network);",
    test: `${tests}/networks/survival.test.ts`,
    title: "leave nothing of 60 jobs",
  },
  {
    guard: "what a job asks is heard after it was admitted, though nobody waits for that",
    file: `${local}/resolver/run-resolver.ts`,
    take: "    hearAll(parts);\n    return jobs.answer",
    leave: "    return jobs.answer",
    test: `${tests}/resolver/resolver.test.ts`,
    title: "hears who was admitted before",
  },
  {
    guard: "connections of a job are none of the next one's that has its address",
    file: `${local}/networks/networks.ts`,
    take: "    await parts.sever.now();\n",
    test: `${tests}/networks/sever.test.ts`,
    title: "where the server is closed",
  },
  {
    guard: "connections of an earlier server's jobs are none of those that come",
    file: `${local}/networks/networks.ts`,
    take: "    await sever.unknown();\n",
    test: `${tests}/networks/sever.test.ts`,
    title: "is killed",
  },
  {
    guard: "jobs with a network end where somebody else changes its table, by setting",
    file: `${local}/engine.ts`,
    take: "  networks.onLost(() => jobs.endNetworked());\n",
    test: jobs,
    title: "ends when somebody else changes the table",
  },
  {
    guard: "what an earlier server needed of another range goes",
    file: `${local}/networks/guard.ts`,
    take: "  if (earlier !== null && !stays) await leaveEarlier(helper, { server: addresses.server, mark });\n",
    test: `${tests}/networks/range.test.ts`,
    title: "can be another for the next server",
  },
  {
    guard: "a table that somebody changed while no server was there is put back",
    file: `${local}/networks/table.ts`,
    take: "if (known !== null && known !== hashOf(withoutProfiles(this.#shape))) {",
    leave: "if (known !== null && known === null) {",
    test: `${tests}/networks/beside.test.ts`,
    title: "put back by the next server",
  },
  {
    guard: "what a job asked last is heard before its names are told",
    file: `${local}/resolver/packet-door.ts`,
    take: "    await promise;\n",
    leave: "    resolve();\n",
    test: `${tests}/resolver/doors.test.ts`,
    title: "says when all that had come is heard",
  },
  {
    guard: "a group is found gone that its shim took away unannounced",
    file: `${local}/groups/job-groups.ts`,
    take: "      else timer = setTimeout(look, waitMs, Math.min(2 * waitMs, LONGEST_LOOK_MS));\n",
    test: `${local}/groups/job-groups.test.ts`,
    title: "where its shim was faster",
  },
];
