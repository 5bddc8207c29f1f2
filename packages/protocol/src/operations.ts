import type { z } from "zod";
import { outputFramesType } from "./output-frames.ts";
import { routes, type Route } from "./routes.ts";
import { artifactList } from "./schemas/artifact.ts";
import {
  certificate,
  certificateList,
  issueCertificateBody,
  issuedCertificate,
  listCertificatesQuery,
  lockList,
  lockPrincipalBody,
  principalLock,
  renewCertificateBody,
} from "./schemas/certificate.ts";
import { engineList } from "./schemas/engine.ts";
import { serverReport } from "./schemas/server-report.ts";
import { job, jobList } from "./schemas/job.ts";
import { jobSpec } from "./schemas/job-spec.ts";
import { createUploadQuery, listUploadsQuery, upload, uploadList } from "./schemas/upload.ts";
import { extendBody, listJobsQuery, outputQuery, stopBody, submitQuery } from "./schemas/requests.ts";

/** What a caller must be allowed to do. Deny is the default; owners may act on what is theirs. */
export interface Permission {
  resource: "jobs" | "uploads" | "certificates" | "engines" | "server";
  verb: "create" | "read" | "update" | "delete";
}

/** One thing a user can do over REST. The server's routes, the SDK and the OpenAPI document come from here. */
export interface Operation extends Route {
  summary: string;
  /** null: open to everybody (health and documents only). */
  permission: Permission | null;
  query?: z.ZodType;
  body?: z.ZodType;
  /** HTTP status of success, with its body; null where the body is a stream or empty. */
  success: { status: number; body: z.ZodType | null; mediaTypes?: readonly string[] };
}

const read = { resource: "jobs", verb: "read" } as const;
const outputTypes = [
  "application/octet-stream",
  "application/x-ndjson",
  "text/event-stream",
  outputFramesType,
] as const;

export const operations = {
  submitJob: {
    ...routes.submitJob,
    summary: "Submit a job",
    permission: { resource: "jobs", verb: "create" },
    query: submitQuery,
    body: jobSpec,
    success: { status: 201, body: job },
  },
  listJobs: {
    ...routes.listJobs,
    summary: "List jobs, newest first",
    permission: read,
    query: listJobsQuery,
    success: { status: 200, body: jobList },
  },
  getJob: {
    ...routes.getJob,
    summary: "Show a job, or wait for its end",
    permission: read,
    query: submitQuery,
    success: { status: 200, body: job },
  },
  stopJob: {
    ...routes.stopJob,
    summary: "Stop a job: TERM, grace, KILL",
    permission: { resource: "jobs", verb: "update" },
    body: stopBody,
    success: { status: 202, body: job },
  },
  extendJob: {
    ...routes.extendJob,
    summary: "Extend a job's run timeout",
    permission: { resource: "jobs", verb: "update" },
    body: extendBody,
    success: { status: 200, body: job },
  },
  deleteJob: {
    ...routes.deleteJob,
    summary: "Delete a finished job with its output and artifacts",
    permission: { resource: "jobs", verb: "delete" },
    success: { status: 204, body: null },
  },
  readOutput: {
    ...routes.readOutput,
    summary: "Read or follow a job's output from any offset",
    permission: read,
    query: outputQuery,
    success: { status: 200, body: null, mediaTypes: outputTypes },
  },
  watchJob: {
    ...routes.watchJob,
    summary: "Follow a job's events to its end",
    permission: read,
    success: { status: 200, body: null, mediaTypes: ["text/event-stream"] },
  },
  listArtifacts: {
    ...routes.listArtifacts,
    summary: "List what a job left",
    permission: read,
    success: { status: 200, body: artifactList },
  },
  readArtifact: {
    ...routes.readArtifact,
    summary: "Download one artifact",
    permission: read,
    success: { status: 200, body: null, mediaTypes: ["application/octet-stream"] },
  },
  readResult: {
    ...routes.readResult,
    summary: "Show a job's result",
    permission: read,
    success: { status: 200, body: null, mediaTypes: ["application/json"] },
  },
  createUpload: {
    ...routes.createUpload,
    summary: "Send content that jobs unpack: the body is a stream, named by its SHA-256",
    permission: { resource: "uploads", verb: "create" },
    query: createUploadQuery,
    success: { status: 201, body: upload },
  },
  appendUpload: {
    ...routes.appendUpload,
    summary: "Send what an upload that was cut off still lacks",
    permission: { resource: "uploads", verb: "create" },
    success: { status: 200, body: upload },
  },
  listUploads: {
    ...routes.listUploads,
    summary: "List uploads, by name",
    permission: { resource: "uploads", verb: "read" },
    query: listUploadsQuery,
    success: { status: 200, body: uploadList },
  },
  getUpload: {
    ...routes.getUpload,
    summary: "Show an upload, and how much of it has come",
    permission: { resource: "uploads", verb: "read" },
    success: { status: 200, body: upload },
  },
  deleteUpload: {
    ...routes.deleteUpload,
    summary: "Delete an upload that no job uses any more",
    permission: { resource: "uploads", verb: "delete" },
    success: { status: 204, body: null },
  },
  issueCertificate: {
    ...routes.issueCertificate,
    summary: "Have a client's key signed",
    permission: { resource: "certificates", verb: "create" },
    body: issueCertificateBody,
    success: { status: 201, body: issuedCertificate },
  },
  listCertificates: {
    ...routes.listCertificates,
    summary: "List clients' certificates, newest first",
    permission: { resource: "certificates", verb: "read" },
    query: listCertificatesQuery,
    success: { status: 200, body: certificateList },
  },
  renewCertificate: {
    ...routes.renewCertificate,
    summary: "Sign the key of a good certificate once more",
    permission: { resource: "certificates", verb: "create" },
    body: renewCertificateBody,
    success: { status: 201, body: issuedCertificate },
  },
  listLocks: {
    ...routes.listLocks,
    summary: "List the principals that are locked out, by name",
    permission: { resource: "certificates", verb: "read" },
    success: { status: 200, body: lockList },
  },
  lockPrincipal: {
    ...routes.lockPrincipal,
    summary: "Lock a principal out, or let it in again: locking ends its open calls",
    permission: { resource: "certificates", verb: "delete" },
    body: lockPrincipalBody,
    success: { status: 200, body: principalLock },
  },
  revokeCertificate: {
    ...routes.revokeCertificate,
    summary: "Revoke a certificate: its open calls end too",
    permission: { resource: "certificates", verb: "update" },
    success: { status: 200, body: certificate },
  },
  inspectServer: {
    ...routes.inspectServer,
    summary: "Look at what the server stands on: its database, and the trust in certificates",
    permission: { resource: "server", verb: "read" },
    success: { status: 200, body: serverReport },
  },
  listEngines: {
    ...routes.listEngines,
    summary: "Show the engines and what this host can enforce",
    permission: { resource: "engines", verb: "read" },
    success: { status: 200, body: engineList },
  },
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;
