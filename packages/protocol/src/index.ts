export {
  causeCodes,
  endCauses,
  waitCauses,
  type CauseCode,
  type EndCause,
  type WaitCause,
} from "./causes.ts";
export {
  BerthError,
  errorCatalog,
  isBerthError,
  type ErrorCode,
  type Problem,
} from "./errors/errors.ts";
export type { ErrorSpec } from "./errors/error-spec.ts";
export {
  limitIn,
  limitRows,
  limitUnits,
  type LimitCapability,
  type LimitHeldBy,
  type LimitName,
  type LimitRow,
  type NamedLimit,
} from "./limits.ts";
export { outcomeCode, outcomeCodes, type Outcome } from "./outcome.ts";
export type { Operation } from "./operations/operation.ts";
export { resources, verbs, type Permission } from "./operations/permission.ts";
export { operations, type OperationName } from "./operations/operations.ts";
export { routes, type Route } from "./routes.ts";
export {
  decodeFrameHead,
  encodeFrameHead,
  type FrameHead,
  frameHeadBytes,
  outputFramesType,
} from "./output-frames.ts";
export { isSystemRefusal, refusalCode, type SystemRefusal, systemRefusals } from "./system-refusals.ts";
export {
  isTerminal,
  jobStates,
  stageStates,
  terminalStates,
  type JobState,
  type StageState,
  type TerminalState,
} from "./states.ts";
export {
  durationProblem,
  formatDuration,
  formatSize,
  longestDurationMs,
  parseCpu,
  parseDuration,
  parseRate,
  parseSize,
} from "./units.ts";
export { applyBounds, appliedKinds, type Applied, type AppliedItem } from "./schemas/task/apply.ts";
export type { Definitions, DefinitionsInput } from "./schemas/task/apply.ts";
export { definitionBounds, type Difference, type ListDefinitionsQuery } from "./schemas/task/definition.ts";
export { sourceBounds } from "./schemas/task/source.ts";
export { runnerSpec, type Runner, type RunnerPatch } from "./schemas/task/runner.ts";
export type { RunnerSpec, RunnerSpecInput } from "./schemas/task/runner.ts";
export {
  longestBackoffMs,
  taskSpec,
  type Task,
  type TaskPatch,
  type TaskSpec,
  type TaskSpecInput,
} from "./schemas/task/task.ts";
export { scheduleSpec, type Schedule, type ScheduleRun, type ScheduleSpec } from "./schemas/task/schedule.ts";
export type { CatchUp, NextRuns, SchedulePatch, ScheduleSpecInput } from "./schemas/task/schedule.ts";
export type { Callback, Delivery, DeliveryList, DeliveryState } from "./schemas/task/callback.ts";
export { webhookBounds, webhookSpec, type Webhook, type WebhookPatch } from "./schemas/task/webhook.ts";
export type { WebhookSignature, WebhookSpec, WebhookSpecInput } from "./schemas/task/webhook.ts";
export { artifact, artifactList, type Artifact, type ArtifactList } from "./schemas/artifact.ts";
export {
  certificate,
  certificateList,
  issuedCertificate,
  type Certificate,
  type CertificateList,
  type LockList,
  type IssuedCertificate,
} from "./schemas/certificate.ts";
export {
  capabilities,
  check,
  engine,
  engineList,
  ofEveryLimit,
  type Capabilities,
  type NetworkAbility,
  type Check,
  type Engine,
  type EngineList,
  networkAbility,
} from "./schemas/engine.ts";
export { serverReport, type ServerReport } from "./schemas/server-report.ts";
export {
  contact,
  contactCounts,
  contactList,
  listContactsQuery,
  mostContacts,
  type Contact,
  type ContactCounts,
  type ContactList,
  type ListContactsQuery,
} from "./schemas/network/contact.ts";
export {
  parseDestination,
  type Destination,
  type NetworkProtocol,
} from "./schemas/network/destination.ts";
export {
  builtInNetworks,
  network,
  networkBounds,
  networkList,
  networkSpec,
  ownNetworkName,
  proposedNetwork,
  type Network,
  type NetworkList,
  type NetworkSpec,
  type ProposedNetwork,
} from "./schemas/network/profile.ts";
export { errorBody, type ErrorBody } from "./schemas/error.ts";
export { eventTypes, jobEvent, type EventType, type JobEvent } from "./schemas/event.ts";
export {
  cause,
  isolation,
  isolationItem,
  job,
  jobId,
  jobList,
  jobSpecView,
  outputText,
  stage,
  usage,
  type Cause,
  type Isolation,
  type IsolationItem,
  type Job,
  type JobList,
  type JobSpecView,
  type OutputText,
  type Stage,
  type Usage,
} from "./schemas/job.ts";
export { sourceNames, sourceOf, type Source, type SourceName } from "./sources.ts";
export {
  contentSize,
  jobOptions,
  jobSpec,
  membersBySource,
  specBounds,
  submission,
  type Content,
  type JobSpec,
  type JobSpecInput,
  type TaskRun,
  type TaskRunInput,
  archiveFormats,
  type ArchiveFormat,
} from "./schemas/job-spec.ts";
export {
  binding,
  bindingList,
  createBindingBody,
  type Binding,
  type BindingList,
} from "./schemas/access/binding.ts";
export {
  explanation,
  explainQuery,
  whoAmI,
  type ExplainQuery,
  type Explanation,
  type WhoAmI,
} from "./schemas/access/explanation.ts";
export {
  auditCut,
  auditList,
  auditRecord,
  auditVerification,
  cutAuditBody,
  exportAuditQuery,
  listAuditQuery,
  verifyAuditQuery,
  type AuditCut,
  type AuditList,
  type AuditRecord,
  type AuditVerification,
  type ExportAuditQuery,
} from "./schemas/access/audit.ts";
export {
  createdUser,
  createUserBody,
  linkUserBody,
  listUsersQuery,
  setPasswordAnswer,
  setPasswordBody,
  updateUserBody,
  user,
  userDetails,
  userList,
  type CreatedUser,
  type OneTimePassword,
  type User,
  type UserDetails,
  type UserList,
} from "./schemas/access/account.ts";
export {
  changePasswordBody,
  listSessionsQuery,
  loggedIn,
  logInBody,
  session,
  sessionList,
  type LoggedIn,
  type Session,
  type SessionList,
} from "./schemas/access/session.ts";
export type { CollectedLogin, DeviceLogin } from "./schemas/access/device-login.ts";
export { createGroupBody, group, groupList, type Group, type GroupList } from "./schemas/access/group.ts";
export {
  createRoleBody,
  role,
  roleList,
  updateRoleBody,
  type Role,
  type RoleList,
} from "./schemas/access/role.ts";
export {
  createdToken,
  createTokenBody,
  listTokensQuery,
  token,
  tokenList,
  type CreatedToken,
  type Token,
  type TokenList,
} from "./schemas/access/token.ts";
export {
  createSecretBody,
  isSecretKey,
  rotatedKey,
  secret,
  secretBounds,
  secretKey,
  secretList,
  secretMask,
  updateSecretBody,
  type RotatedKey,
  type Secret,
  type SecretList,
  type SecretValue,
} from "./schemas/access/secret.ts";
export {
  quota,
  quotaKind,
  quotaList,
  setQuotaBody,
  type Quota,
  type QuotaBounds,
  type QuotaList,
  type QuotaUse,
} from "./schemas/access/quota.ts";
export { type SecretUse } from "./schemas/access/secret-use.ts";
export { definedName, isDefinedName, isObjectName, objectName } from "./schemas/access/object-name.ts";
export { outputChunk, outputStreams, type OutputChunk, type OutputStream } from "./schemas/output.ts";
export {
  createUploadQuery,
  isSha256,
  listUploadsQuery,
  largestUpload,
  upload,
  uploadList,
  type ListUploadsQuery,
  type Upload,
  type UploadList,
} from "./schemas/upload.ts";
export {
  extendBody,
  includedOutputBytes,
  listJobsQuery,
  longestWaitMs,
  outputQuery,
  stopBody,
  submitQuery,
  type ListJobsFilter,
  type ListJobsQuery,
  type OutputQuery,
  type SubmitQuery,
} from "./schemas/requests.ts";
