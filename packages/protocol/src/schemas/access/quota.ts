import { z } from "zod";

const quotaExample = { user: "ann", jobs: 8, jobsPerHour: 500 };

const bound = z.int().min(0).max(1_000_000).nullable();

const quotaBounds = {
  jobs: bound.default(null).meta({ description: "Jobs that run at once; more wait. null: no bound" }),
  jobsPerHour: bound.default(null).meta({
    description: "Jobs submitted within any hour; one more is refused with `QUOTA_EXCEEDED`. null: no bound",
  }),
};

export const quota = z
  .object({
    user: z.string().meta({ description: "The principal whose jobs it bounds, by name" }),
    ...quotaBounds,
  })
  .meta({ id: "Quota", examples: [quotaExample] });

export const quotaList = z
  .object({ items: z.array(quota) })
  .meta({ id: "QuotaList", examples: [{ items: [quotaExample] }] });

export const setQuotaBody = z
  .strictObject(quotaBounds)
  .meta({ id: "SetQuota", examples: [{ jobs: 8, jobsPerHour: 500 }] });

export type Quota = z.infer<typeof quota>;
export type QuotaList = z.infer<typeof quotaList>;
export type QuotaBounds = z.infer<typeof setQuotaBody>;
