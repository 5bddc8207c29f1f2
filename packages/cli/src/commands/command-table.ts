import type { AnyCommand } from "../core/define-command.ts";
import type { CommandEntry } from "../core/parse-command.ts";

export interface TableEntry extends CommandEntry {
  load(): Promise<AnyCommand>;
}

/** Every command. Each is loaded when it is called, so that a new one does not slow down the others. */
export const commandTable: readonly TableEntry[] = [
  {
    name: "run",
    about: "Run a command as a job, follow it, end with its exit code",
    load: async () => (await import("./submit/run.ts")).jobRun,
  },
  {
    name: "start",
    about: "Submit a job, print its id, do not wait",
    load: async () => (await import("./submit/start.ts")).jobStart,
  },
  {
    name: "wait",
    about: "Wait for the end of jobs, end as `run` would",
    load: async () => (await import("./job/wait.ts")).jobWait,
  },
  {
    name: "list",
    about: "List jobs, newest first",
    load: async () => (await import("./job/list/list.ts")).jobList,
  },
  {
    name: "ps",
    about: "List what waits or runs",
    load: async () => (await import("./job/list/ps.ts")).jobPs,
  },
  {
    name: "status",
    about: "Show a job: state, cause, usage, isolation",
    load: async () => (await import("./job/status.ts")).jobStatus,
  },
  {
    name: "output",
    about: "Show what a job printed, or follow it",
    load: async () => (await import("./job/output/output.ts")).jobOutput,
  },
  {
    name: "logs",
    about: "The same as output",
    load: async () => (await import("./job/output/output.ts")).jobOutput,
  },
  {
    name: "events",
    about: "Show what has become of a job, state by state",
    load: async () => (await import("./job/events.ts")).jobEvents,
  },
  {
    name: "contacts",
    about: "List what a job reached, and what its network refused it",
    load: async () => (await import("./job/contacts.ts")).jobContacts,
  },
  {
    name: "deliveries",
    about: "List who was told of a job's end; tell them again",
    load: async () => (await import("./job/deliveries.ts")).jobDeliveries,
  },
  {
    name: "stop",
    about: "Stop a job and keep its output",
    load: async () => (await import("./job/stop.ts")).jobStop,
  },
  {
    name: "extend",
    about: "Give a running job more time",
    load: async () => (await import("./job/extend.ts")).jobExtend,
  },
  {
    name: "artifacts",
    about: "List or fetch the files that a job left",
    load: async () => (await import("./job/artifact/artifacts.ts")).jobArtifacts,
  },
  {
    name: "rm",
    about: "Delete finished jobs with their output and artifacts",
    load: async () => (await import("./job/rm.ts")).jobRm,
  },
  {
    name: "task",
    about: "Run tasks; define them: what others may run, with an input",
    load: async () => (await import("./task/task.ts")).task,
  },
  {
    name: "runner",
    about: "Define where tasks run, and what all of them have",
    load: async () => (await import("./task/runner.ts")).runner,
  },
  {
    name: "schedule",
    about: "Have tasks run by the clock",
    load: async () => (await import("./task/schedule/schedule.ts")).schedule,
  },
  {
    name: "webhook",
    about: "Have tasks run where something else calls",
    load: async () => (await import("./task/webhook/webhook.ts")).webhook,
  },
  {
    name: "apply",
    about: "Have tasks, runners, roles and so on be as files say",
    load: async () => (await import("./definitions/apply.ts")).apply,
  },
  {
    name: "export",
    about: "Print tasks, runners, roles and so on as such a file",
    load: async () => (await import("./definitions/export.ts")).exportAll,
  },
  {
    name: "doctor",
    about: "Show what the server's host can enforce, and what is missing",
    load: async () => (await import("./engine/doctor.ts")).engineDoctor,
  },
  {
    name: "network",
    about: "List, show and define network profiles: what jobs may reach",
    load: async () => (await import("./network/network.ts")).network,
  },
  {
    name: "upload",
    about: "List or delete what `--dir` left on the server",
    load: async () => (await import("./upload/upload.ts")).upload,
  },
  {
    name: "login",
    about: "Log in; keep a server's URL and token; get a certificate",
    load: async () => (await import("./session/login.ts")).login,
  },
  {
    name: "logout",
    about: "End the login, and forget its token",
    load: async () => (await import("./session/logout.ts")).logout,
  },
  {
    name: "cert",
    about: "Issue, list, renew and revoke certificates for gRPC",
    load: async () => (await import("./certificate/cert.ts")).cert,
  },
  {
    name: "whoami",
    about: "Show who the server takes you for, and your roles",
    load: async () => (await import("./access/whoami.ts")).whoami,
  },
  {
    name: "user",
    about: "Make accounts, list, lock and delete them; set passwords",
    load: async () => (await import("./user/user.ts")).user,
  },
  {
    name: "group",
    about: "Make groups, put users into them and take them out",
    load: async () => (await import("./access/group.ts")).group,
  },
  {
    name: "session",
    about: "List logins, and end them",
    load: async () => (await import("./session/session.ts")).session,
  },
  {
    name: "access",
    about: "Explain why something is allowed or denied",
    load: async () => (await import("./access/access.ts")).access,
  },
  {
    name: "role",
    about: "List roles with what they allow; make some of your own",
    load: async () => (await import("./access/role.ts")).role,
  },
  {
    name: "binding",
    about: "Give roles to users and groups, list and take them away",
    load: async () => (await import("./access/binding.ts")).binding,
  },
  {
    name: "token",
    about: "Make tokens for principals, list and revoke them",
    load: async () => (await import("./token/token.ts")).token,
  },
  {
    name: "quota",
    about: "Bound what principals run, submit and keep",
    load: async () => (await import("./access/quota.ts")).quota,
  },
  {
    name: "audit",
    about: "Show what happened, verify, export or cut the records of it",
    load: async () => (await import("./access/audit/audit.ts")).audit,
  },
  {
    name: "secret",
    about: "Keep what jobs are given to know; list, change and delete it",
    load: async () => (await import("./secret/secret.ts")).secret,
  },
  {
    name: "completion",
    about: "Print the completion script of a shell",
    load: async () => (await import("./shell/completion.ts")).completion,
  },
];
