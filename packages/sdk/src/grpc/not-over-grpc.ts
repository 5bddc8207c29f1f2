import { BerthError } from "@berth/protocol/errors";
import { type Route, routes } from "@berth/protocol/routes";
import type { JobWire } from "../resources/job/job-wire.ts";
import type { Rest } from "../transport/http.ts";

/** What is asked for, where the command door has no call for it. The one place that says so. */
export function notOverGrpc(what: string): BerthError {
  return new BerthError("SETTINGS_INVALID", `Cannot ${what} over gRPC: its contract has no call for it`, {
    fix: "Ask over REST: with the server's url and a token",
  });
}

/** What the routes are for that jobs' own calls do not stand for. */
const WORDS = {
  // The first that is asked of them, before a job's folder is packed.
  checkJob: "send a folder or check a job",
  deleteJob: "delete a job",
  listArtifacts: "list artifacts",
  readArtifact: "read an artifact",
  readResult: "read a result by itself",
  listContacts: "list contacts",
  listDeliveries: "list deliveries",
  resendDelivery: "send a delivery again",
  listRunners: "list runners",
  createRunner: "define a runner",
  getRunner: "show a runner",
  updateRunner: "change a runner",
  deleteRunner: "delete a runner",
  listRunnerVersions: "list versions of a runner",
  diffRunner: "tell versions of a runner apart",
  rollBackRunner: "roll a runner back",
  listTasks: "list tasks",
  createTask: "define a task",
  getTask: "show a task",
  updateTask: "change a task",
  deleteTask: "delete a task",
  listTaskVersions: "list versions of a task",
  diffTask: "tell versions of a task apart",
  rollBackTask: "roll a task back",
  getTaskSchema: "show what a task takes",
  listTaskJobs: "list the jobs of a task",
  runTask: "run a task",
  listSchedules: "list schedules",
  createSchedule: "make a schedule",
  getSchedule: "show a schedule",
  updateSchedule: "change a schedule",
  deleteSchedule: "delete a schedule",
  listScheduleVersions: "list versions of a schedule",
  diffSchedule: "tell versions of a schedule apart",
  rollBackSchedule: "roll a schedule back",
  previewSchedule: "show when a schedule is due",
  listScheduleRuns: "list the runs of a schedule",
  pauseSchedule: "pause a schedule",
  resumeSchedule: "resume a schedule",
  listWebhooks: "list webhooks",
  createWebhook: "make a webhook",
  getWebhook: "show a webhook",
  updateWebhook: "change a webhook",
  deleteWebhook: "delete a webhook",
  listWebhookVersions: "list versions of a webhook",
  diffWebhook: "tell versions of a webhook apart",
  rollBackWebhook: "roll a webhook back",
  runWebhook: "call a webhook",
  listNetworks: "list network profiles",
  getNetwork: "show a network profile",
  createNetwork: "define a network profile",
  updateNetwork: "change a network profile",
  deleteNetwork: "delete a network profile",
  proposeNetwork: "propose a network profile",
  listEngines: "list the engines",
  inspectServer: "look at the server itself",
  createToken: "make tokens",
  listTokens: "list tokens",
  getToken: "show a token",
  deleteToken: "revoke tokens",
  listQuotas: "list quotas",
  getQuota: "read a quota",
  setQuota: "set a quota",
  deleteQuota: "delete a quota",
  listSecrets: "list secrets",
  getSecret: "show a secret",
  createSecret: "keep a secret",
  updateSecret: "change a secret",
  deleteSecret: "delete a secret",
  rotateSecretKey: "change the master key of secrets",
  whoAmI: "ask who one is",
  explainAccess: "ask what is allowed",
  listRoles: "list the roles",
  listBindings: "list bindings",
  createBinding: "give roles",
  deleteBinding: "take roles away",
  createUpload: "send a folder or an upload",
  appendUpload: "send a folder or an upload",
  // The first that is asked of them, before a folder is packed.
  listUploads: "send folders or list uploads",
  getUpload: "look at an upload",
  deleteUpload: "delete an upload",
} as const satisfies Partial<Record<keyof typeof routes, string>>;

/** Refuses every route, by what it is for. */
export function restRefused({ url, patience, connection }: JobWire): Rest {
  const refuse = async ({ route }: { route: Route }): Promise<never> => {
    const name = Object.entries(WORDS).find(([one]) => routes[one as keyof typeof WORDS] === route)?.[1];
    throw notOverGrpc(name ?? "manage certificates");
  };
  return { url, patience, connection, json: refuse, open: refuse };
}
