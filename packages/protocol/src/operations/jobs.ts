import { outputFramesType } from "../output-frames.ts";
import { routes } from "../routes.ts";
import { artifactList } from "../schemas/artifact.ts";
import { job, jobList } from "../schemas/job.ts";
import { jobSpec, submission } from "../schemas/job-spec.ts";
import { contactList, listContactsQuery } from "../schemas/network/contact.ts";
import { extendBody, listJobsQuery, outputQuery, stopBody, submitQuery } from "../schemas/requests.ts";
import { delivery, deliveryList, resendBody } from "../schemas/task/callback.ts";
import type { Operation } from "./operation.ts";

const read = { resource: "jobs", verb: "read" } as const;
const outputTypes = [
  "application/octet-stream",
  "application/x-ndjson",
  "text/event-stream",
  outputFramesType,
] as const;

export const jobOperations = {
  submitJob: {
    ...routes.submitJob,
    summary: "Submit a job",
    permission: { resource: "jobs", verb: "create" },
    query: submitQuery,
    body: submission,
    success: { status: 201, body: job },
  },
  checkJob: {
    ...routes.checkJob,
    summary:
      "Try whether a job would be taken, without its contents: what it names as an upload need not be there yet",
    permission: { resource: "jobs", verb: "create" },
    body: jobSpec,
    success: { status: 204, body: null },
  },
  listJobs: {
    ...routes.listJobs,
    summary: "List jobs, newest first",
    permission: { resource: "jobs", verb: "list" },
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
    permission: { resource: "jobs", verb: "stop" },
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
  listContacts: {
    ...routes.listContacts,
    summary: "List what a job reached, and what its network refused it",
    permission: read,
    query: listContactsQuery,
    success: { status: 200, body: contactList },
  },
  listDeliveries: {
    ...routes.listDeliveries,
    summary: "List what was sent to those who are told of a job's end, and what came of each attempt",
    permission: read,
    success: { status: 200, body: deliveryList },
  },
  resendDelivery: {
    ...routes.resendDelivery,
    summary: "Send the end of a job to one who is told of it again, now",
    permission: { resource: "jobs", verb: "update" },
    body: resendBody,
    success: { status: 200, body: delivery },
  },
  readResult: {
    ...routes.readResult,
    summary: "Show a job's result",
    permission: read,
    success: { status: 200, body: null, mediaTypes: ["application/json"] },
  },
} as const satisfies Record<string, Operation>;
