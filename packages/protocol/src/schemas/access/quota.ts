import { z } from "zod";
import { parseCpu, parseSize } from "../../units.ts";

const boundsExample = { jobs: 8, jobsPerHour: 500, cpu: 4, memory: 17_179_869_184, storedBytes: null };
const usedExample = { jobs: 2, jobsPerHour: 31, cpu: 1.5, memory: 2_147_483_648, storedBytes: 52_428_800 };
const quotaExample = { user: "ann", group: null, ...boundsExample, used: usedExample };

const bound = z.int().min(0).max(1_000_000).nullable();

/** A million cores. */
const MOST_CPU = 1_000_000;

const about = {
  jobs: "Jobs that run at once; more wait. null: no bound",
  jobsPerHour: "Jobs submitted within any hour; one more is refused with `QUOTA_EXCEEDED`. null: no bound",
  cpu: "Cores of jobs that run at once, by their limits; more wait. null: no bound",
  memory: "Bytes of memory of jobs that run at once, by their limits; more wait. null: no bound",
  storedBytes:
    "Bytes of output and artifacts of jobs that have ended, and of uploads; what comes next is refused with `QUOTA_EXCEEDED`. null: no bound",
};

const counted = {
  jobs: bound.default(null).meta({ description: about.jobs }),
  jobsPerHour: bound.default(null).meta({ description: about.jobsPerHour }),
};

/** As people write it, or as a number of its unit. */
function written(parse: (text: string) => number | null, { like, most }: { like: string; most: number }) {
  const valueOf = (text: string | number): number | null => (typeof text === "number" ? text : parse(text));
  return z
    .union([z.string().max(32), z.number()])
    .refine(
      (text) => {
        const value = valueOf(text);
        return value !== null && value >= 0 && value <= most;
      },
      { error: `must be written like ${like}` },
    )
    .nullable()
    .default(null);
}

const size = (): ReturnType<typeof written> =>
  written(parseSize, { like: "8Gi, or as a number of bytes", most: Number.MAX_SAFE_INTEGER });

export const setQuotaBody = z
  .strictObject({
    ...counted,
    cpu: written(parseCpu, { like: "4, 1.5 or 500m", most: MOST_CPU }).meta({ description: about.cpu }),
    memory: size().meta({ description: about.memory }),
    storedBytes: size().meta({ description: about.storedBytes }),
  })
  .meta({ id: "SetQuota", examples: [{ jobs: 8, jobsPerHour: 500, cpu: "4", memory: "16Gi" }] });

export const quota = z
  .object({
    user: z.string().nullable().meta({ description: "The principal whose jobs it bounds, by name" }),
    group: z
      .string()
      .nullable()
      .meta({ description: "The group whose members' jobs it bounds, all of them together" }),
    ...counted,
    cpu: z.number().nullable().meta({ description: about.cpu }),
    memory: z.int().nullable().meta({ description: about.memory }),
    storedBytes: z.int().nullable().meta({ description: about.storedBytes }),
    used: z
      .object({
        jobs: z.int(),
        jobsPerHour: z.int(),
        cpu: z.number(),
        memory: z.int(),
        storedBytes: z.int(),
      })
      .meta({
        description:
          "What is used of it. 0 of jobs an hour where these are not bounded. A job without a limit of its own counts as all that is left",
      }),
  })
  .meta({ id: "Quota", examples: [quotaExample] });

export const quotaList = z
  .object({ items: z.array(quota) })
  .meta({ id: "QuotaList", examples: [{ items: [quotaExample] }] });

export const quotaKind = z.strictObject({
  kind: z.enum(["user", "group"]).default("user").meta({ description: "What the name is that of" }),
});

export type Quota = z.infer<typeof quota>;
export type QuotaList = z.infer<typeof quotaList>;
export type QuotaUse = Quota["used"];
/** As they are asked for. */
export type QuotaBounds = z.infer<typeof setQuotaBody>;
