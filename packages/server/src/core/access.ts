import type { Job } from "./job.ts";
import type { Principal } from "./principal.ts";

/** Owners see their own jobs, administrators all. Whoever may not see a job is told that it is not there. */
export function maySee(principal: Principal, job: Pick<Job, "owner">): boolean {
  return principal.role === "admin" || job.owner === principal.name;
}
