import { expect, it } from "vitest";
import { webhookHeaders, webhookKeyOf } from "./webhook-signature.ts";

it("signs as the example of the standard does", () => {
  const key = webhookKeyOf("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") ?? new Uint8Array();
  const message = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", at: 1_614_265_330_999, body: '{"test": 2432232314}' };
  expect(webhookHeaders([key], message)).toEqual({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

it.each([
  "",
  "whsec_",
  "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  "whsec_short",
  "whsec_not base64 at all, but long enough",
  `whsec_${Buffer.alloc(65).toString("base64")}`,
])("takes %j for no key", (text) => {
  expect(webhookKeyOf(text)).toBeNull();
});
