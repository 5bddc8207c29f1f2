import { expect, it } from "vitest";
import { answerOf, fetchTransport } from "./fetch-transport.ts";

it("sends what it is given by the given fetch, and follows no redirect", async () => {
  const sent: unknown[] = [];
  const send = fetchTransport(async (...given) => {
    sent.push(given);
    return new Response("x", { status: 201, headers: { "content-type": "a/b; c", "retry-after": "2" } });
  });
  const answer = await send("http://h/", { method: "PUT", headers: { a: "b" }, body: "c" });
  expect(answer).toMatchObject({ status: 201, contentType: "a/b", retryAfterMs: 2000 });
  expect(sent).toEqual([
    ["http://h/", { method: "PUT", headers: { a: "b" }, body: "c", redirect: "manual" }],
  ]);
});

it("knows a browser's redirect that was not followed", () => {
  const hidden = Object.defineProperties(Response.error(), { type: { value: "opaqueredirect" } });
  expect(answerOf(hidden).status).toBe(302);
  expect(answerOf(new Response(null, { status: 204 })).reader()).toBeNull();
});

it("reads a body to its end, and cancels one that has failed without a complaint", async () => {
  const reader = answerOf(new Response("x")).reader();
  expect(await reader?.read()).toMatchObject({ done: false, value: Uint8Array.of(120) });
  expect(await reader?.read()).toMatchObject({ done: true });
  const failing = new ReadableStream({
    pull(controller) {
      controller.error(new Error("cut"));
    },
  });
  const cut = answerOf(new Response(failing)).reader();
  await expect(cut?.read()).rejects.toThrow("cut");
  await expect(cut?.cancel()).resolves.toBeUndefined();
});

it("tells the sender that nobody reads any more", async () => {
  let isCancelled = false;
  const stream = new ReadableStream({ cancel: () => void (isCancelled = true) });
  await answerOf(new Response(stream)).reader()?.cancel();
  expect(isCancelled).toBe(true);
});
