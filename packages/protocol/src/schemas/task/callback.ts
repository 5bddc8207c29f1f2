import { z } from "zod";
import { terminalStates } from "../../states.ts";
import { objectName } from "../access/object-name.ts";

/** Characters. */
const LONGEST_URL = 2000;
const MOST_OF_TASK = 8;

const callbackExample = {
  url: "https://hooks.example.org/berth",
  secret: "ops-hook",
  on: ["failed" as const],
};

const isAddress = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && ["http:", "https:"].includes(url.protocol) && !/[\p{Cc}\s]/u.test(text);
};
const namesNobody = (text: string): boolean => {
  const url = URL.parse(text);
  return (
    url === null || (url.username === "" && url.password === "" && url.hash === "" && !text.includes("#"))
  );
};

/** Who is told when a run has ended. */
const callback = z
  .strictObject({
    url: z
      .string()
      .max(LONGEST_URL, { abort: true })
      .refine(isAddress, { error: "must be like https://host/path", abort: true })
      .refine(namesNobody, {
        error: "must hold no user, no password and no #: what is sent is signed by the secret",
      })
      .meta({
        description:
          "Where a POST is sent when a run has ended: a public address, or one that the server's `BERTH_CALLBACKS_ALLOW` names",
      }),
    secret: objectName.meta({
      description:
        "The secret that signs, as Standard Webhooks have it, with every value in it: so a new one can be in use before the old one goes",
    }),
    on: z
      .array(z.enum(terminalStates))
      .min(1)
      .max(terminalStates.length)
      .optional()
      .meta({ description: "How a run has to end. Default: however it ends" }),
  })
  .meta({ id: "Callback", examples: [callbackExample] });

export const callbacks = z
  .array(callback)
  .max(MOST_OF_TASK)
  .meta({ description: "Who is told when a run has ended. Holds for runs from then on. Default: nobody" });

const deliveryStates = ["pending", "delivered", "failed"] as const;
export type DeliveryState = (typeof deliveryStates)[number];

const time = z.iso.datetime();

const deliveryExample = {
  id: "0199a2b4-9c1e-7d53-9f0a-3b6c8d21e4f7",
  receiver: "https://hooks.example.org",
  state: "pending" as const,
  createdAt: "2026-01-31T12:00:00.000Z",
  nextAt: "2026-01-31T12:00:35.000Z",
  doneAt: null,
  attempts: [
    {
      n: 1,
      at: "2026-01-31T12:00:00.010Z",
      ms: 42,
      address: "192.0.2.7",
      status: 503,
      why: "it answered with status 503",
    },
  ],
};

const attempt = z.object({
  n: z.int(),
  at: time,
  ms: z
    .int()
    .nullable()
    .meta({ description: "How long it took; null where nobody knows, or it is under way" }),
  address: z
    .string()
    .nullable()
    .meta({ description: "The address that was connected to; null where there was no connection" }),
  status: z.int().nullable().meta({ description: "Of the answer; null where there was none" }),
  why: z.string().nullable().meta({ description: "Why it counts as failed; null where it does not" }),
});

export const delivery = z
  .object({
    id: z.string().meta({ description: "The `webhook-id` of every attempt" }),
    receiver: z.string().meta({ description: "Scheme and host of where it goes" }),
    state: z.enum(deliveryStates).meta({ description: "`failed`: nothing is sent any more" }),
    createdAt: time,
    nextAt: time.nullable().meta({ description: "When it is tried next; null where it is not" }),
    doneAt: time.nullable(),
    attempts: z.array(attempt).meta({ description: "Oldest first: the last 50" }),
  })
  .meta({ id: "Delivery", examples: [deliveryExample] });

export const deliveryList = z
  .object({ items: z.array(delivery) })
  .meta({ id: "DeliveryList", examples: [{ items: [deliveryExample] }] });

export const resendBody = z
  .strictObject({
    attempts: z.int().min(0).optional().meta({
      description: "How many attempts the caller knows of: where there were more since, nothing is done",
    }),
  })
  .meta({ examples: [{ attempts: 8 }] });

export type Callback = z.output<typeof callback>;
export type Delivery = z.output<typeof delivery>;
export type DeliveryList = z.output<typeof deliveryList>;
