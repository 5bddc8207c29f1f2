import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ldapProvider } from "../../src/auth/providers/ldap/ldap.ts";
import type { LdapOptions } from "../../src/auth/providers/ldap/ldap-options.ts";
import { Directory, slapdIsMissing } from "../support/directory.ts";

const missing = slapdIsMissing();
if (missing !== null) console.log(`SKIPPED: logins by a directory, because ${missing}`);

const away = { code: "IDENTITY_UNAVAILABLE" };
const closing = new AsyncDisposableStack();

describe.skipIf(missing !== null)("a directory", () => {
  let slapd: Directory;
  let now = 0;
  beforeAll(async () => {
    slapd = await Directory.start();
  });
  afterAll(() => slapd[Symbol.asyncDispose]());

  function optionsOf(more: Partial<LdapOptions> = {}): LdapOptions {
    return {
      name: "example",
      servers: [slapd.ldap],
      startTls: true,
      ca: slapd.ca,
      bind: { dn: "cn=reader,dc=example", password: "reader-secret" },
      users: { base: "ou=people,dc=example", filter: null, name: "uid", display: "cn", id: null },
      groups: { base: "ou=groups,dc=example", member: "member", name: "cn", nested: true, map: null },
      timeoutMs: 10_000,
      ...more,
    };
  }

  /** Who these words prove somebody to be. */
  async function verify(name: string, password: string, more: Partial<LdapOptions> = {}) {
    await using provider = ldapProvider(optionsOf(more), { now: () => now });
    return await provider.verify({ name, password, address: null }, AbortSignal.timeout(60_000));
  }

  it.each([
    ["StartTLS", {}],
    ["LDAPS", { servers: ["ldaps"] }],
    ["no encryption, where that was asked for", { startTls: false }],
  ])("knows a person by name and password over %s", async (_how, more) => {
    const servers = "servers" in more ? [slapd.ldaps] : [slapd.ldap];
    const found = await verify("ann", "ann-secret", { ...more, servers });
    expect(found).toMatchObject({ name: "ann", display: "ann of Example" });
    expect(found?.subject).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("ABUSE 30: finds groups in groups, also where they lead in a circle, and each once", async () => {
    const { groups } = (await verify("ann", "ann-secret")) ?? {};
    expect(groups?.toSorted()).toEqual(["lab", "ring-a", "ring-b", "ring-c"]);
    expect((await verify("bob", "bob-secret"))?.groups).toEqual(["others"]);
  });

  it("leaves groups in groups out where that was asked for, and takes none without a place for them", async () => {
    const { groups } = optionsOf();
    if (groups === null) throw new Error("they have a place here");
    const flat = await verify("ann", "ann-secret", { groups: { ...groups, nested: false } });
    expect(flat?.groups).toEqual(["lab"]);
    expect((await verify("ann", "ann-secret", { groups: null }))?.groups).toBeNull();
  });

  it("maps groups by name or DN, whatever their case, and drops the others", async () => {
    const { groups } = optionsOf();
    if (groups === null) throw new Error("they have a place here");
    const map = { LAB: "beam", "CN=ring-a,OU=groups,DC=example": "ring", "ring-b": "ring", nobody: "x" };
    const found = await verify("ann", "ann-secret", { groups: { ...groups, map } });
    expect(found?.groups?.toSorted()).toEqual(["beam", "ring"]);
  });

  it.each([
    ["a wrong password", "ann", "bob-secret"],
    ["an empty password", "ann", ""],
    ["an empty name", "", "ann-secret"],
    ["an unknown name", "nobody", "ann-secret"],
    ["somebody without a password", "nopass", "x"],
    ["every name", "*", "ann-secret"],
    ["the beginning of a name", "an*", "ann-secret"],
    ["a filter in the name", "ann)(uid=*", "ann-secret"],
    ["an escape in the name", "\\61nn", "ann-secret"],
    ["a name that ends early", "ann\0", "ann-secret"],
    ["a DN for a name", "uid=ann,ou=people,dc=example", "ann-secret"],
  ])("ABUSE 30: refuses %s", async (_what, name, password) => {
    expect(await verify(name, password)).toBeNull();
  });

  it("gives the name as it stands there, however it was typed", async () => {
    for (const name of ["ANN", "ann", "Ann"])
      expect(await verify(name, "ann-secret")).toMatchObject({ name: "ann" });
    expect(await verify("ZOË", "Zoë-secret")).toMatchObject({ name: "Zoë" });
  });

  it("refuses a name that two people have, with either's password", async () => {
    const users = { ...optionsOf().users, name: "mail" };
    expect(await verify("ann@example.com", "ann-secret", { users })).toMatchObject({
      name: "ann@example.com",
    });
    for (const password of ["twin-secret", "eve-secret"])
      expect(await verify("twin@example.com", password, { users })).toBeNull();
  });

  it("holds people to the operator's filter", async () => {
    const users = { ...optionsOf().users, filter: "(mail=ann@*)" };
    expect(await verify("ann", "ann-secret", { users })).toMatchObject({ name: "ann" });
    expect(await verify("bob", "bob-secret", { users })).toBeNull();
  });

  it("ABUSE 30: follows no referral: one beside people is passed over, one in their place is nobody's answer", async () => {
    expect(await verify("ann", "ann-secret")).toMatchObject({ name: "ann" });
    const users = { ...optionsOf().users, base: "ou=away,ou=people,dc=example" };
    await expect(verify("ann", "ann-secret", { users })).rejects.toMatchObject(away);
  });

  it.each<[string, () => Partial<LdapOptions>]>([
    ["a certificate of an authority that is not known", () => ({ ca: null })],
    ["a certificate for another name", () => ({ servers: [slapd.ldaps.replace("localhost", "127.0.0.2")] })],
    ["a wrong password of its own", () => ({ bind: { dn: "cn=reader,dc=example", password: "x" } })],
    ["nobody at all", () => ({ servers: ["ldap://127.0.0.1:1"] })],
    [
      "no StartTLS where there is TLS already",
      () => ({ servers: [slapd.ldaps.replace("ldaps:", "ldap:")], timeoutMs: 500 }),
    ],
  ])("lets nobody in where the server has %s", async (_what, more) => {
    await expect(verify("ann", "ann-secret", more())).rejects.toMatchObject(away);
  });

  it("asks the next server when one is away, and leaves that one alone for a while", async () => {
    let asked = 0;
    const dead = await listening((socket) => {
      asked += 1;
      socket.destroy();
    });
    await using provider = ldapProvider(optionsOf({ servers: [dead, slapd.ldap] }), { now: () => now });
    const ask = () =>
      provider.verify({ name: "ann", password: "ann-secret", address: null }, AbortSignal.timeout(60_000));
    for (let n = 0; n < 3; n += 1) expect(await ask()).toMatchObject({ name: "ann" });
    expect(asked).toBe(1);
    now += 30_000;
    expect(await ask()).toMatchObject({ name: "ann" });
    expect(asked).toBe(2);
  });

  it("goes on when the server has closed what stood open", async () => {
    const second = await Directory.start();
    await using provider = ldapProvider(
      optionsOf({ servers: [second.ldap, slapd.ldap], ca: `${second.ca}${slapd.ca}` }),
      { now: () => now },
    );
    const ask = () =>
      provider.verify({ name: "ann", password: "ann-secret", address: null }, AbortSignal.timeout(60_000));
    expect(await ask()).toMatchObject({ name: "ann" });
    await second.stop();
    expect(await ask()).toMatchObject({ name: "ann" });
    await second[Symbol.asyncDispose]();
  });
});

function optionsFor(servers: string[]): LdapOptions {
  return {
    name: "example",
    servers,
    startTls: true,
    ca: null,
    bind: { dn: "cn=reader", password: "reader-secret" },
    users: { base: "dc=x", filter: null, name: "uid", display: "cn", id: null },
    groups: null,
    timeoutMs: 400,
  };
}

describe("a server that is none, or in whose way somebody stands", () => {
  const STARTED = Buffer.from("300c02010178070a010004000400", "hex");

  it.each<[string, (socket: Socket) => void, RegExp]>([
    ["never answers", () => undefined, /no connection within 400 ms/],
    ["sends without end", (socket) => socket.write(Buffer.alloc(5_000_000, 0x30)), /StartTLS|closed|LDAP/],
    ["speaks something else", (socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n".repeat(9)), /.+/],
    [
      "refuses StartTLS",
      (socket) => socket.write(Buffer.from("300c02010178070a013404000400", "hex")),
      /refuses StartTLS \(code 52\)/,
    ],
    [
      "has more behind its yes, as if it came from inside",
      (socket) => socket.write(Buffer.concat([STARTED, Buffer.from("300c02010261070a010004000400", "hex")])),
      /more came than the answer/,
    ],
    ["says yes and then nothing", (socket) => socket.write(STARTED), /no connection within/],
  ])("lets nobody in: it %s", async (_what, answer, why) => {
    const heard: Buffer[] = [];
    const url = await listening((socket) => {
      socket.on("data", (data) => heard.push(data));
      answer(socket);
    });
    // Only what never comes is waited for so shortly: what comes may take as long as this host needs.
    const timeoutMs = why.source.startsWith("no connection") ? 400 : 20_000;
    await using provider = ldapProvider({ ...optionsFor([url]), timeoutMs }, { now: () => 0 });
    const asked = provider.verify(
      { name: "ann", password: "ann-secret", address: null },
      AbortSignal.timeout(60_000),
    );
    await expect(asked).rejects.toMatchObject({
      ...away,
      message: 'Cannot ask directory "example"',
      cause: { message: expect.stringMatching(why) as string },
    });
    // Not a word was said in the clear but the question for encryption.
    expect(Buffer.concat(heard).toString("latin1")).not.toMatch(/secret|reader/);
  });
});

it("goes no further than its caller waits, and asks for no more than 64 at once", async () => {
  const url = await listening(() => undefined);
  await using provider = ldapProvider({ ...optionsFor([url]), timeoutMs: 20_000 }, { now: () => 0 });
  const leaving = new AbortController();
  const ask = () => provider.verify({ name: "ann", password: "x", address: null }, leaving.signal);
  const asked = Array.from({ length: 65 }, () => ask().catch((error: unknown) => String(error)));
  expect(await asked.at(-1)).toMatch(/too many log in at once/);
  leaving.abort();
  expect(new Set(await Promise.all(asked.slice(0, 64)))).toEqual(
    new Set([expect.stringMatching(/it takes too long/)]),
  );
});

it("ABUSE 30: asks nobody for an empty password, which some directories take for a login of nobody in particular", async () => {
  let asked = 0;
  const url = await listening(() => (asked += 1));
  await using provider = ldapProvider(optionsFor([url]), { now: () => 0 });
  for (const [name, password] of [
    ["ann", ""],
    ["", "x"],
  ] as const)
    expect(await provider.verify({ name, password, address: null }, AbortSignal.timeout(60_000))).toBeNull();
  expect(asked).toBe(0);
});

async function listening(onConnection: (socket: Socket) => void): Promise<string> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => undefined);
    onConnection(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.defer(() => void server.close());
  return `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterAll(() => closing.disposeAsync());
