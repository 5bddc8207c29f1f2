import { routes } from "../routes.ts";
import {
  createUploadQuery,
  deleteUploadQuery,
  listUploadsQuery,
  upload,
  uploadList,
} from "../schemas/upload.ts";
import type { Operation } from "./operation.ts";

export const uploadOperations = {
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
    permission: { resource: "uploads", verb: "list" },
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
    query: deleteUploadQuery,
    success: { status: 204, body: null },
  },
} as const satisfies Record<string, Operation>;
