import { z } from "zod";
import { loggedIn } from "./session.ts";

const id = z.string().min(1).max(128);

export const beginDeviceLoginBody = z
  .strictObject({
    provider: z.string().min(1).max(63).meta({ description: "The issuer that is to say who this is" }),
  })
  .meta({ examples: [{ provider: "company" }] });

export const deviceLogin = z
  .object({
    id: id.meta({ description: "By which the login is collected: for this client alone" }),
    userCode: z.string().meta({ description: "What is typed in there" }),
    verificationUri: z.string().meta({ description: "Where it goes on, on whatever device" }),
    verificationUriComplete: z.string().nullable().meta({ description: "The same with the code in it" }),
    expiresAt: z.iso.datetime().meta({ description: "Until when it can be gone on with" }),
  })
  .meta({
    id: "DeviceLogin",
    examples: [
      {
        id: "A".repeat(43),
        userCode: "BDFK-HMQS",
        verificationUri: "https://id.example.com/device",
        verificationUriComplete: "https://id.example.com/device?user_code=BDFK-HMQS",
        expiresAt: "2026-01-31T10:10:00.000Z",
      },
    ],
  });

export const collectDeviceLoginBody = z.strictObject({ id }).meta({ examples: [{ id: "A".repeat(43) }] });

export const collectedLogin = z
  .object({
    login: loggedIn.nullable().meta({ description: "Once, when it is decided; null before" }),
  })
  .meta({ id: "CollectedLogin", examples: [{ login: null }] });

export type DeviceLogin = z.infer<typeof deviceLogin>;
export type CollectedLogin = z.infer<typeof collectedLogin>;
