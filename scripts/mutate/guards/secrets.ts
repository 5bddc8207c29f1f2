import type { Guard } from "./guard.ts";

const server = "packages/server/src";
const native = "packages/server/native/src";
const output = "packages/server/test/secrets-output.test.ts";
const masks = `${server}/logs/masks/masks.test.ts`;
const api = "packages/server/test/secrets-api.test.ts";
const given = "packages/server/test/local/secrets.test.ts";

/** What jobs are given to know, and nobody else. */
export const secrets: readonly Guard[] = [
  {
    guard: "keys of secrets are names of files, whichever door they come by",
    file: `${server}/core/secrets/merge-update.ts`,
    take: "keyProblem(key, bytes) ?? ",
    leave: "",
    test: `${server}/core/secrets/merge-update.test.ts`,
  },
  {
    guard: "what a job prints of its secrets is masked where output is read",
    file: `${server}/operations/jobs/read-output.ts`,
    take: "await context.jobSecrets.masks(job)",
    leave: "null",
    test: output,
  },
  {
    guard: "the same in an answer that carries the output",
    file: `${server}/operations/jobs/included-output.ts`,
    take: "await jobSecrets.masks(job)",
    leave: "null",
    test: output,
  },
  {
    guard: "a result is masked before it is stored",
    file: `${server}/reconciler/end/gather.ts`,
    take: "await context.jobSecrets?.masks(job)",
    leave: "null",
    test: output,
  },
  {
    guard: "what begins a secret at the end of a file that grows is not shown",
    file: `${server}/logs/masks/masked-blocks.ts`,
    take: "isLast || isOverdue ? 0 : pending",
    leave: "0",
    test: masks,
  },
  {
    guard: "a block is read with what stands before it",
    file: `${server}/logs/masks/masked-blocks.ts`,
    take: "Math.max(0, offset - around)",
    leave: "offset",
    test: masks,
  },
  {
    guard: "base64 is looked for at all of the places that a value can begin at",
    file: `${server}/logs/masks/variants.ts`,
    take: "return [0, 1, 2].flatMap(",
    leave: "return [0].flatMap(",
    test: masks,
  },
  {
    guard: "a job may have only what its owner was given by name",
    file: `${server}/operations/jobs/submit/given-secrets.ts`,
    take: "if (!isVouchedFor) await demandSecret({ access, audit }, { caller, name });",
    test: api,
  },
  {
    guard: "whoever defines a task may use its secrets",
    file: `${server}/operations/tasks/definitions/demand-usable.ts`,
    take: "for (const { name } of spec.secrets ?? []) await demandSecret(context, { caller, name, what });",
    test: "packages/server/test/tasks-api.test.ts",
  },
  {
    guard: "what a job has is not deleted",
    file: `${server}/store/queries/secrets/secrets.ts`,
    take: '.whereRef("job_secret.version", "=", "secret_version.id")',
    leave: '.where("job_secret.version", "=", "")',
    test: "packages/server/test/store.test.ts",
    title: "secrets",
  },
  {
    guard: "an envelope opens in its own place alone",
    file: `${server}/secrets/secret-box.ts`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands there
    take: "return `${name}\\0${id}`;",
    leave: "return id && name && String();",
    test: `${server}/secrets/secret-box.test.ts`,
  },
  {
    guard: "of mounted secrets no link is followed but the one that Kubernetes turns",
    file: `${server}/secrets/mounted-files.ts`,
    take: "/^\\.\\.[^/.][^/]*$/.test(target)",
    leave: "true",
    test: `${server}/secrets/mounted-files.test.ts`,
  },
  {
    guard: "a job's secrets are its own user's",
    file: `${native}/secrets.c`,
    take: "need(CALL3(fchown, fd, shim->user, shim->user));",
    test: given,
  },
  {
    guard: "nobody can change a job's secrets",
    file: `${native}/secrets.c`,
    take: 'need(CALL5(mount_setattr, folder, "", AT_EMPTY_PATH, &change, sizeof change));',
    leave: "(void)change;",
    test: given,
  },
  {
    guard: "a message of secrets is read within its bounds",
    file: `${native}/secret-message.c`,
    take: "file->size > size - at - file->name_size",
    leave: "0",
    test: "packages/server/test/native/messages.test.ts",
    title: "given",
  },
];
