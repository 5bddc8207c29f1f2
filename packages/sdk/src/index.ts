export type {
  Artifact,
  ArtifactList,
  Capabilities,
  Cause,
  CauseCode,
  Certificate,
  CertificateList,
  Check,
  Engine,
  Isolation,
  IssuedCertificate,
  LockList,
  IsolationItem,
  Job,
  JobEvent,
  JobList,
  JobSpecView,
  JobState,
  OutputStream,
  OutputText,
  ServerReport,
  TerminalState,
  Stage,
  Upload,
  UploadList,
  Usage,
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
export { Certificates } from "./resources/certificates.ts";
export { Engines } from "./resources/engines.ts";
export { outcomeCode } from "@berth/protocol/outcome";
export { isJobFailed, JobFailed, type WaitOptions } from "./resources/job-end.ts";
export type { EventOptions } from "./resources/job-events.ts";
export { JobHandle, type SignalOptions } from "./resources/job-handle.ts";
export type { JobFilter } from "./resources/job-filter.ts";
export { JobListing } from "./resources/job-list.ts";
export type { OutputOptions } from "./resources/job-output.ts";
export type { OutputChunk } from "./resources/output-chunk.ts";
export type { WireTransport } from "./resources/job-wire.ts";
export type { FileContent, JobRequest } from "./resources/job-request.ts";
export { Jobs, type SubmitAndWaitOptions, type SubmitOptions } from "./resources/jobs.ts";
export { Server } from "./resources/server.ts";
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
