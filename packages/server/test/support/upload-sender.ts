import { createHash } from "node:crypto";
import type { Upload } from "@berth/protocol";
import type { ApiBench, Caller } from "./api-bench.ts";

/** What came back for a request about uploads. */
interface UploadAnswer {
  status: number;
  body: Upload & { code: string; message: string; items: Upload[] };
  headers: Headers;
}

export interface UploadSender {
  /** `what` is a method and what comes behind `/api/v1/uploads`. */
  send: (
    what: string,
    options?: { body?: Uint8Array | ReadableStream; as?: Caller; headers?: Record<string, string> },
  ) => Promise<UploadAnswer>;
  /** Names of the files that the server has of uploads. */
  files(): Promise<string[]>;
  /** Each test begins with none. */
  removeAll(): Promise<void>;
}

export function uploadSender(api: ApiBench, url: string): UploadSender {
  const { uploads } = api.context;
  return {
    async send(what, { body, as = "ann", headers = {} } = {}) {
      const [method = "GET", path = ""] = what.split(" ");
      const type = body === undefined ? {} : { "content-type": "application/octet-stream" };
      const answer = await fetch(`${url}/api/v1/uploads${path}`, {
        method,
        headers: { authorization: `Bearer ${api.tokens[as]}`, ...type, ...headers },
        ...(body !== undefined && {
          body: body as NonNullable<RequestInit["body"]>,
          duplex: "half" as const,
        }),
      });
      const text = await answer.text();
      const parsed = (text === "" ? {} : JSON.parse(text)) as UploadAnswer["body"];
      return { status: answer.status, headers: answer.headers, body: parsed };
    },
    async files() {
      const found: string[] = [];
      for await (const { name } of uploads.files.list()) found.push(name);
      return found;
    },
    async removeAll() {
      for (const upload of (await uploads.store.list({ owner: null, limit: 100, cursor: null })).items)
        await uploads.remove(upload);
    },
  };
}

export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export function streamOf(bytes: Uint8Array): ReadableStream {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}
