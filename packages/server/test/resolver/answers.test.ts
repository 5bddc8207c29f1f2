import { describe, expect, it } from "vitest";
import { RCODE } from "../../src/lib/dns/message.ts";
import { queryOf, read, resolverBench, type World } from "./resolver-bench.ts";

const a = (name: string, data: string, ttl = 60) => ({ name, type: "A", data, ttl });
const aaaa = (name: string, data: string, ttl = 60) => ({ name, type: "AAAA", data, ttl });
const alias = (name: string, data: string, ttl = 60) => ({ name, type: "CNAME", data, ttl });
const worldOf = (
  name: string,
  ...records: { name: string; type: string; data: string; ttl: number }[]
): World => ({
  [`${records.at(-1)?.type ?? "A"} ${name}`]: { records },
});

describe("a job whose profile goes by names", () => {
  it("is told the addresses of a granted name, which are open by then, and nothing else is", async () => {
    const bench = resolverBench(
      worldOf("granted.org", a("granted.org", "1.1.1.1"), a("granted.org", "1.1.1.2")),
    );
    expect(await bench.ask("Granted.Org")).toMatchObject({
      rcode: RCODE.fine,
      records: ["Granted.Org A 1.1.1.1 60", "Granted.Org A 1.1.1.2 60"],
    });
    expect(bench.opened).toEqual([{ link: "b7-1", addresses: ["1.1.1.1", "1.1.1.2"], ms: 90_000 }]);
    expect(bench.noted).toMatchObject([
      { name: "granted.org", type: "A", outcome: "answered", addresses: ["1.1.1.1", "1.1.1.2"] },
    ]);
    expect(bench.servers).toEqual(["10.9.9.9"]);
  });

  it.each(["other.org", "evilgranted.org", "granted.org.evil.com", "org", "."])(
    "is refused a name that no pattern grants, and nobody is asked for it: %s",
    async (name) => {
      const bench = resolverBench({});
      expect(await bench.ask(name)).toMatchObject({ rcode: RCODE.refused, records: [] });
      expect(bench.asked).toEqual([]);
      expect(bench.opened).toEqual([]);
      expect(bench.noted.map(({ outcome }) => outcome)).toEqual(name === "." ? [] : ["not-granted"]);
    },
  );

  it("is told where an alias leads, though no pattern grants the name that it leads to", async () => {
    const records = [alias("www.granted.org", "edge.cdn.net"), a("edge.cdn.net", "1.1.1.1", 20)];
    const bench = resolverBench({ "A www.granted.org": { records } });
    expect((await bench.ask("WWW.granted.org")).records).toEqual([
      "WWW.granted.org CNAME edge.cdn.net 20",
      "edge.cdn.net A 1.1.1.1 20",
    ]);
    expect((await bench.ask("edge.cdn.net")).rcode).toBe(RCODE.refused);
  });

  it("is told nothing that the answer says of other names", async () => {
    const records = [
      a("other.org", "6.6.6.6"),
      a("granted.org", "1.1.1.1"),
      a("granted.org.evil.org", "6.6.6.7"),
    ];
    const bench = resolverBench({ "A granted.org": { records } });
    expect((await bench.ask("granted.org")).records).toEqual(["granted.org A 1.1.1.1 60"]);
    expect(bench.opened.flatMap(({ addresses }) => addresses)).toEqual(["1.1.1.1"]);
  });

  it.each([
    ["A", "10.0.0.5"],
    ["A", "127.0.0.1"],
    ["A", "169.254.169.254"],
    ["A", "100.100.100.200"],
    ["A", "10.88.0.1"],
    ["A", "0.0.0.0"],
    ["AAAA", "::1"],
    ["AAAA", "::ffff:10.0.0.5"],
    ["AAAA", "64:ff9b::a00:5"],
    ["AAAA", "2002:a00:5::1"],
    ["AAAA", "2001:0:a9fe:a9fe::1"],
    ["AAAA", "fd00:ec2::254"],
    ["AAAA", "fe80::1"],
  ])("is not led to what is closed, by whatever spelling: %s %s", async (type, data) => {
    const bench = resolverBench({
      [`${type} granted.org`]: { records: [{ name: "granted.org", type, data }] },
    });
    expect(await bench.ask("granted.org", type)).toMatchObject({ rcode: RCODE.fine, records: [] });
    expect(bench.opened).toEqual([]);
    expect(bench.noted.map(({ outcome }) => outcome)).toEqual(["closed"]);
  });

  it("is told what is public beside what is closed", async () => {
    const bench = resolverBench(
      worldOf("granted.org", a("granted.org", "10.0.0.5"), a("granted.org", "1.1.1.1")),
    );
    expect((await bench.ask("granted.org")).records).toEqual(["granted.org A 1.1.1.1 60"]);
    expect(bench.opened.flatMap(({ addresses }) => addresses)).toEqual(["1.1.1.1"]);
    expect(bench.noted.map(({ outcome, addresses }) => [outcome, ...addresses])).toEqual([
      ["closed", "10.0.0.5"],
      ["answered", "1.1.1.1"],
    ]);
  });

  it("is told a closed address that the profile names, which opens no more than it names", async () => {
    const named = [{ range: "10.0.0.0/24", protocol: "tcp", ports: { first: 5432, last: 5432 } }] as const;
    const world = worldOf("granted.org", a("granted.org", "10.0.0.5"), a("granted.org", "10.0.1.5"));
    const bench = resolverBench(world, { named });
    expect((await bench.ask("granted.org")).records).toEqual(["granted.org A 10.0.0.5 60"]);
    expect(bench.opened.flatMap(({ addresses }) => addresses)).toEqual([]);
  });

  it.each([
    [0, 0, 90_000],
    [1, 1, 90_000],
    [60, 60, 90_000],
    [61, 61, 91_000],
    [300, 300, 330_000],
    [86_400, 300, 330_000],
    [2 ** 31 - 1, 300, 330_000],
    [2 ** 31, 0, 90_000],
    [2 ** 32 - 1, 0, 90_000],
  ])("finds an answer that holds for %d s told for %d s, and open for %d ms", async (ttl, told, ms) => {
    const bench = resolverBench(worldOf("granted.org", a("granted.org", "1.1.1.1", ttl)));
    expect((await bench.ask("granted.org")).records).toEqual([`granted.org A 1.1.1.1 ${told}`]);
    expect(bench.opened.map((one) => one.ms)).toEqual([ms]);
  });

  it("is told of no more than sixteen addresses, which are those that are open", async () => {
    const records = Array.from({ length: 40 }, (_, n) => a("granted.org", `1.1.1.${n}`));
    const bench = resolverBench({ "A granted.org": { records } });
    const told = (await bench.ask("granted.org", "A", { by: "stream" })).records.map(
      (text) => text.split(" ")[2],
    );
    expect(told).toHaveLength(16);
    expect(bench.opened.flatMap(({ addresses }) => addresses)).toEqual(told);
  });

  it("is told nothing that could not be opened, and so much as could", async () => {
    const bench = resolverBench(worldOf("granted.org", a("granted.org", "1.1.1.1")));
    bench.failOpening(new Error("the table is gone"));
    expect(await bench.ask("granted.org")).toMatchObject({ rcode: RCODE.failed, records: [] });
    expect(bench.noted.map(({ outcome }) => outcome)).toEqual(["failed"]);
  });

  it("has no more open than it may, and is told so", async () => {
    const world: World = {};
    for (let n = 0; n < 257; n += 1) {
      const name = `n${n}.granted.org`;
      const records = Array.from({ length: 16 }, (_, k) => a(name, `1.${n >> 4}.${n & 15}.${k}`, 300));
      world[`A ${name}`] = { records };
    }
    const bench = resolverBench(world);
    for (let n = 0; n < 256; n += 1) {
      expect((await bench.ask(`n${n}.granted.org`, "A", { by: "stream" })).records).toHaveLength(16);
      bench.clock.advance(100);
    }
    expect((await bench.ask("n256.granted.org", "A", { by: "stream" })).rcode).toBe(RCODE.failed);
    expect(bench.noted.at(-1)).toMatchObject({ name: "n256.granted.org", outcome: "full" });
    expect(bench.opened.flatMap(({ addresses }) => addresses)).toHaveLength(4096);
  });

  it("is told by other servers where its profile names them", async () => {
    const bench = resolverBench(worldOf("granted.org", a("granted.org", "1.1.1.1")), {
      resolvers: ["10.1.0.53"],
    });
    await bench.ask("granted.org");
    expect(bench.servers).toEqual(["10.1.0.53"]);
  });

  it("has others asked once, however often it asks, and again when the answer holds no longer", async () => {
    const bench = resolverBench(worldOf("granted.org", a("granted.org", "1.1.1.1", 100)));
    await Promise.all([bench.ask("granted.org"), bench.ask("GRANTED.org"), bench.ask("granted.org")]);
    bench.clock.advance(99_500);
    expect((await bench.ask("granted.org")).records).toEqual(["granted.org A 1.1.1.1 1"]);
    expect(bench.asked).toEqual(["A granted.org"]);
    bench.clock.advance(500);
    await bench.ask("granted.org");
    expect(bench.asked).toEqual(["A granted.org", "A granted.org"]);
  });

  it("is told that there is no such name, that there is nothing of that kind, or that nobody says", async () => {
    const bench = resolverBench({ "A none.granted.org": { rcode: RCODE.noSuchName }, "A granted.org": {} });
    expect((await bench.ask("none.granted.org")).rcode).toBe(RCODE.noSuchName);
    expect(await bench.ask("granted.org")).toMatchObject({ rcode: RCODE.fine, records: [] });
    expect((await bench.ask("dead.granted.org")).rcode).toBe(RCODE.failed);
    expect(bench.noted.map(({ outcome }) => outcome)).toEqual(["empty", "empty", "failed"]);
  });

  it("without IPv6 is told of no address that it cannot reach, and nobody is asked", async () => {
    const bench = resolverBench(
      worldOf("granted.org", aaaa("granted.org", "2a00:1::1")),
      {},
      { hasV6: false },
    );
    expect(await bench.ask("granted.org", "AAAA")).toMatchObject({ rcode: RCODE.fine, records: [] });
    expect(bench.asked).toEqual([]);
  });

  it("is told of services without the addresses that these hint at", async () => {
    const data = Buffer.from([0, 1, 0, 0, 1, 0, 3, 2, 104, 50, 0, 4, 0, 4, 6, 6, 6, 6]);
    const records = [{ name: "granted.org", type: "UNKNOWN_65", data }];
    const bench = resolverBench({ "UNKNOWN_65 granted.org": { records } });
    expect((await bench.ask("granted.org", "UNKNOWN_65")).records).toEqual([
      "granted.org UNKNOWN_65 00010000010003026832 60",
    ]);
    expect(bench.opened).toEqual([]);
  });

  it.each(["TXT", "MX", "ANY", "NS", "SRV", "UNKNOWN_260"])(
    "gets nothing of other kinds, and nobody is asked: %s",
    async (type) => {
      const bench = resolverBench({});
      expect(await bench.ask("granted.org", type)).toMatchObject({ rcode: RCODE.fine, records: [] });
      expect(bench.asked).toEqual([]);
    },
  );

  it("is told of an alias alone where it asks for that", async () => {
    const bench = resolverBench({ "CNAME granted.org": { records: [alias("granted.org", "edge.cdn.net")] } });
    expect((await bench.ask("granted.org", "CNAME")).records).toEqual(["granted.org CNAME edge.cdn.net 60"]);
    expect(bench.asked).toEqual(["CNAME granted.org"]);
  });
});

describe("a job whose profile does not go by names", () => {
  const any = { domains: [] };
  it("is answered everything as others say it, under its own number and in its own letters, and nothing is opened", async () => {
    const records = [{ name: "any.org", type: "A", data: "10.0.0.5" }, a("other.org", "1.1.1.1")];
    const bench = resolverBench({ "A any.org": { records } }, any);
    const told = await bench.ask("Any.ORG");
    expect(told.bytes?.readUInt16BE(0)).toBe(0xabcd);
    expect(told.bytes?.toString("latin1", 12, 21)).toBe("\u0003Any\u0003ORG\u0000");
    expect(told.records).toEqual(["any.org A 10.0.0.5 60", "other.org A 1.1.1.1 60"]);
    expect(bench.opened).toEqual([]);
    expect(bench.noted).toMatchObject([{ name: "any.org", outcome: "answered" }]);
  });

  it("is told any kind of record, and that nobody says anything", async () => {
    const data = Buffer.from("hello");
    const bench = resolverBench(
      { "TXT any.org": { records: [{ name: "any.org", type: "TXT", data }] } },
      any,
    );
    expect((await bench.ask("any.org", "TXT")).records).toEqual([`any.org TXT hello 60`]);
    expect((await bench.ask("dead.org", "TXT")).rcode).toBe(RCODE.failed);
  });

  it("has others asked once for what it asks at the same time", async () => {
    const bench = resolverBench({ "A any.org": { records: [a("any.org", "1.1.1.1")] } }, any);
    await Promise.all([
      bench.ask("any.org"),
      bench.ask("any.org"),
      bench.ask("any.org", "A", { edns: 1232 }),
    ]);
    expect(bench.asked).toEqual(["A any.org", "A any.org"]);
  });

  it("is answered as much as the packet may have, and the rest by a stream", async () => {
    const records = Array.from({ length: 100 }, (_, n) => a("any.org", `1.1.1.${n}`));
    const bench = resolverBench({ "A any.org": { records } }, any);
    const plain = await bench.ask("any.org");
    expect(plain).toMatchObject({ isTruncated: true, records: [], rcode: RCODE.fine });
    const large = await bench.ask("any.org", "A", { edns: 65_535 });
    expect(large.isTruncated).toBe(true);
    expect((await bench.ask("any.org", "A", { by: "stream" })).records).toHaveLength(100);
    const few = resolverBench({ "A any.org": { records: records.slice(0, 30) } }, any);
    expect((await few.ask("any.org")).isTruncated).toBe(true);
    expect((await few.ask("any.org", "A", { edns: 1232 })).records).toHaveLength(30);
  });
});

describe("a job", () => {
  it("that nobody has admitted, or that is dismissed, is not answered", async () => {
    const bench = resolverBench(worldOf("granted.org", a("granted.org", "1.1.1.1")));
    expect((await bench.ask("granted.org", "A", { from: "10.88.1.2" })).bytes).toBeNull();
    bench.jobs.dismiss("10.88.1.1");
    expect((await bench.ask("granted.org")).bytes).toBeNull();
    expect(bench.opened).toEqual([]);
  });

  it("is answered two hundred questions in a second, beside those that it has saved up", async () => {
    const bench = resolverBench({});
    const answered = async (): Promise<number> => {
      const all = await Promise.all(Array.from({ length: 1000 }, () => bench.ask("other.org")));
      return all.filter(({ bytes }) => bytes !== null).length;
    };
    // All at once are more than may be under way: those are answered that are.
    expect(await answered()).toBe(64);
    bench.clock.advance(60_000);
    let told = 0;
    for (let n = 0; n < 1000; n += 1) if ((await bench.ask("other.org")).bytes !== null) told += 1;
    expect(told).toBe(400);
    bench.clock.advance(500);
    for (let n = 0; n < 1000; n += 1) if ((await bench.ask("other.org")).bytes !== null) told += 1;
    expect(told).toBe(500);
  });

  it("that asks in a space of names other than the internet's is refused", async () => {
    const bench = resolverBench({});
    const query = queryOf("granted.org");
    query.writeUInt16BE(3, query.length - 2);
    expect(read(await bench.jobs.answer("10.88.1.1", query, "packet")).rcode).toBe(RCODE.refused);
  });
});
