export type {
  Applied,
  AppliedItem,
  Artifact,
  ArtifactList,
  Binding,
  BindingList,
  Capabilities,
  Cause,
  CauseCode,
  Certificate,
  CertificateList,
  AuditCut,
  AuditList,
  AuditRecord,
  AuditVerification,
  CreatedToken,
  CreatedUser,
  Check,
  Contact,
  ContactCounts,
  Delivery,
  Engine,
  ExplainQuery,
  Group,
  GroupList,
  Explanation,
  Isolation,
  IssuedCertificate,
  LockList,
  DeviceLogin,
  LoggedIn,
  IsolationItem,
  Job,
  JobEvent,
  JobList,
  JobSpecView,
  JobState,
  Network,
  NetworkSpec,
  OutputStream,
  OutputText,
  DefinitionsInput,
  Difference,
  ProposedNetwork,
  Runner,
  RunnerPatch,
  RunnerSpec,
  RunnerSpecInput,
  NextRuns,
  Schedule,
  SchedulePatch,
  ScheduleRun,
  ScheduleSpec,
  ScheduleSpecInput,
  Webhook,
  WebhookPatch,
  WebhookSpec,
  WebhookSpecInput,
  Task,
  TaskPatch,
  TaskSpec,
  TaskSpecInput,
  Role,
  RoleList,
  RotatedKey,
  Quota,
  QuotaBounds,
  QuotaList,
  QuotaUse,
  Secret,
  SecretValue,
  ServerReport,
  Session,
  SessionList,
  TerminalState,
  Stage,
  Token,
  TokenList,
  Upload,
  UploadList,
  User,
  UserDetails,
  UserList,
  Usage,
  WhoAmI,
} from "@berth/protocol";
export { BerthError, errorCatalog, isBerthError, type ErrorCode, type Problem } from "@berth/protocol/errors";
export { isTerminal } from "@berth/protocol/states";
export {
  Berth,
  connect,
  type BerthOptions,
  type ClientOptions,
  type RestOptions,
  type WireOptions,
} from "./client.ts";
export type { FolderOptions } from "./folder/folder-options.ts";
export { Access } from "./resources/access/access.ts";
export { Bindings } from "./resources/access/bindings.ts";
export { Groups } from "./resources/access/groups.ts";
export { Roles, type Rules } from "./resources/access/roles.ts";
export { type QuotaOptions, Quotas } from "./resources/access/quotas.ts";
export { Secrets, type SecretChange } from "./resources/access/secrets.ts";
export { Sessions } from "./resources/access/sessions.ts";
export { Audit, type AuditFilter } from "./resources/access/audit.ts";
export { Tokens } from "./resources/access/tokens.ts";
export { type NewUser, Users } from "./resources/access/users.ts";
export { Certificates } from "./resources/certificates.ts";
export { Engines } from "./resources/engines.ts";
export { outcomeCode } from "@berth/protocol/outcome";
export { isJobFailed, JobFailed, type WaitOptions } from "./resources/job/job-end.ts";
export type { EventOptions } from "./resources/job/job-events.ts";
export { JobHandle, type SignalOptions } from "./resources/job/job-handle.ts";
export type { JobFilter } from "./resources/job/job-filter.ts";
export { JobListing } from "./resources/job/job-list.ts";
export type { OutputOptions } from "./resources/job/job-output.ts";
export type { OutputChunk } from "./resources/job/output-chunk.ts";
export type { WireTransport } from "./resources/job/job-wire.ts";
export type { FileContent, JobRequest } from "./resources/job/job-request.ts";
export { Jobs, type SubmitAndWaitOptions, type SubmitOptions } from "./resources/job/jobs.ts";
export { Networks } from "./resources/networks.ts";
export { Server } from "./resources/server.ts";
export {
  type ChangeOptions,
  Definitions,
  type PageOptions,
  type Version,
} from "./resources/task/definitions.ts";
export type { ApplyOptions } from "./resources/task/apply.ts";
export { exportedKinds, type ExportedKind, type ExportOptions } from "./resources/task/export.ts";
export type { Page } from "./resources/task/page.ts";
export { Runners } from "./resources/task/runners.ts";
export { type RunOptions, type TaskJobsOptions, Tasks } from "./resources/task/tasks.ts";
export { Schedules } from "./resources/task/schedules.ts";
export { Webhooks } from "./resources/task/webhooks.ts";
export type { SendOptions } from "./resources/upload/send-content.ts";
export { type FolderProgress, type SendFolderOptions, Uploads } from "./resources/uploads.ts";
export type {
  Archive,
  Folder,
  PackedFolder,
  PackOptions,
  SkippedEntry,
  UploadSource,
} from "./resources/upload/upload-source.ts";
export { parseJson, type ExactNumber } from "./transport/exact-numbers.ts";
export type { ConnectionChange } from "./transport/retry.ts";
export type { Patience } from "./transport/http.ts";
export type { Answer, ByteReader, Outgoing, Transport } from "./transport/transport.ts";
