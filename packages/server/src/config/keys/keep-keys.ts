import { duration, size } from "../parsers.ts";
import { key } from "./key.ts";

/** What is kept, for how long, and how much of it. */
export const keepKeys = {
  keepJobsFor: key({
    env: "BERTH_KEEP_JOBS_FOR",
    yaml: "keep.jobsFor",
    parser: duration,
    default: "7d",
    about: "Finished jobs are removed after this time, with their output and artifacts",
  }),
  keepOutputBytes: key({
    env: "BERTH_KEEP_OUTPUT_BYTES",
    yaml: "keep.outputBytes",
    parser: size,
    default: "10GiB",
    about:
      "Past this much of the disk for records, output and artifacts together, finished jobs are removed earlier: the oldest of whoever holds most, never within an equal share of it",
  }),
  keepUploadsFor: key({
    env: "BERTH_KEEP_UPLOADS_FOR",
    yaml: "keep.uploadsFor",
    parser: duration,
    default: "7d",
    about:
      "Uploads that no job has asked for are removed after this time; one that was begun and not gone on with after a day",
  }),
  uploadsPerPrincipal: key({
    env: "BERTH_UPLOADS_PER_PRINCIPAL",
    yaml: "uploads.perPrincipal",
    parser: size,
    default: "20GiB",
    about:
      "What the uploads of one principal may take of the disk, each 1 MiB at least; more is refused with UPLOAD_TOO_LARGE",
  }),
  uploadsTotal: key({
    env: "BERTH_UPLOADS_TOTAL",
    yaml: "uploads.total",
    parser: size,
    default: "100GiB",
    about:
      "What all uploads together may take of the disk; content that several principals sent counts for each",
  }),
};
