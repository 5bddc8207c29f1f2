import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { DatabaseUrl } from "./database-address.ts";

describe("the address of a database", () => {
  it.each([
    ["postgres://db.example/berth", "postgres://db.example/berth"],
    ["postgresql://db.example/berth", "postgres://db.example/berth"],
    ["postgres://db.example:5433/berth", "postgres://db.example:5433/berth"],
    ["postgres://ada:secret@db.example:5433/berth?sslmode=require", "postgres://db.example:5433/berth"],
    ["postgres://[::1]:5433/b", "postgres://[::1]:5433/b"],
    ["postgres:///berth?host=/run/postgresql", "postgres:///run/postgresql/berth"],
    ["postgresql:///berth?host=/run/postgresql", "postgres:///run/postgresql/berth"],
    ["postgres://ada:secret@/berth?host=/run/postgresql", "postgres:///run/postgresql/berth"],
    ["postgres:///berth", "postgres://localhost/berth"],
    ["postgres://ada@/berth", "postgres://localhost/berth"],
    ["postgres://a/b/socket", "postgres://a/b/socket"],
    ["postgres://websocket/berth", "postgres://websocket/berth"],
    ["postgres://sockets/berth", "postgres://sockets/berth"],
  ])("%s is called %s, without user, password and options", (text, name) => {
    const url = DatabaseUrl.parse(text);
    expect(url?.name).toBe(name);
    expect(url?.reveal()).toBe(text);
  });

  it.each([
    "",
    "postgres:",
    "sqlite:",
    "/var/lib/berth",
    "mysql://db.example/berth",
    "see postgres://db.example/berth",
    "postgres://db.example",
    "postgres://db.example/",
    "postgres://db.example:port/berth",
    "postgres://?host=/run",
  ])("%j is none", (text) => {
    expect(DatabaseUrl.parse(text)).toBeNull();
  });

  it("never shows its password, however it is printed", () => {
    const url = DatabaseUrl.parse("postgres://ada:secret@db.example/berth");
    const name = "postgres://db.example/berth";
    expect([`${String(url)}`, JSON.stringify({ url }), inspect(url)]).toEqual([
      name,
      JSON.stringify({ url: name }),
      name,
    ]);
  });
});
