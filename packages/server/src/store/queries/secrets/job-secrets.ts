import type { JobSecret, SecretStore } from "../../secret-store.ts";
import type { Database, Step } from "../database.ts";

/** Which versions jobs have: what they were given, and what is masked in their output for as long as it is there. */
export function jobSecrets({
  build,
  read,
}: Pick<Database, "build" | "read">): Pick<SecretStore, "ofJob" | "users"> {
  return {
    async ofJob(jobId) {
      const query = build
        .selectFrom("job_secret")
        .select(["name", "version"])
        .where("job_id", "=", jobId)
        .orderBy("name");
      return read(query.compile());
    },
    async users(name, limit) {
      const query = build
        .selectFrom("job_secret")
        .innerJoin("job", "job.id", "job_secret.job_id")
        .select("job.id as id")
        .where("job_secret.name", "=", name)
        .where("job.ended_at", "is", null)
        .orderBy("job.id")
        .limit(limit);
      return (await read(query.compile())).map(({ id }) => id);
    },
  };
}

/** Fails where the version is not there any more: the job then takes what is there by now. */
export function giveSecret({ build }: Database, jobId: string, { name, version }: JobSecret): Step {
  const query = build
    .insertInto("job_secret")
    .columns(["job_id", "name", "version"])
    .expression((is) =>
      is
        .selectFrom("secret_version")
        .select((is) => [is.val(jobId).as("job_id"), is.ref("name").as("name"), is.ref("id").as("version")])
        .where("id", "=", version)
        .where("name", "=", name),
    )
    .compile();
  return { query, exactly: 1 };
}
