import { expect, it } from "vitest";
import { readGreeting, readRequest } from "./socks.ts";

const request = (...bytes: number[]) => Buffer.from([5, 1, 0, ...bytes]);

it("reads a greeting once it is whole, where it goes without a password", () => {
  const greeting = Buffer.from([5, 2, 2, 0]);
  for (let length = 0; length < greeting.length; length += 1)
    expect(readGreeting(greeting.subarray(0, length))).toEqual({ kind: "more" });
  expect(readGreeting(Buffer.concat([greeting, request()]))).toEqual({ kind: "greeted", bytes: 4 });
  expect(readGreeting(Buffer.from([5, 1, 2]))).toEqual({ kind: "wrong" });
  expect(readGreeting(Buffer.from("GET /"))).toEqual({ kind: "wrong" });
});

it.each([
  [request(3, 4, ...Buffer.from("HosT"), 1, 187), "host", 443],
  [request(1, 127, 0, 0, 1, 0, 22), "127.0.0.1", 22],
  [request(4, ...Array<number>(14).fill(0), 0xab, 1, 0, 80), "0:0:0:0:0:0:0:ab01", 80],
])("reads a request once it is whole: %o", (whole, host, port) => {
  for (let length = 0; length < whole.length; length += 1)
    expect(readRequest(whole.subarray(0, length))).toEqual({ kind: "more" });
  const said = readRequest(Buffer.concat([whole, Buffer.from("behind it")]));
  expect(said).toEqual({ kind: "done", bytes: whole.length, host, port });
});

it.each([
  Buffer.from([5, 2, 0, 1, 1, 1, 1, 1, 1, 1]),
  Buffer.from([5, 3, 0, 1, 1, 1, 1, 1, 1, 1]),
  Buffer.from([4, 1, 0, 1, 1, 1, 1, 1, 1, 1]),
  request(2, 1, 1, 1),
])("takes nothing but a connection to somewhere: %o", (block) => {
  expect(readRequest(block)).toEqual({ kind: "wrong" });
});
