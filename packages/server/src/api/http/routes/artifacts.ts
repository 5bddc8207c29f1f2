import type { FastifyInstance } from "fastify";
import { listArtifacts } from "../../../operations/artifacts/list-artifacts.ts";
import { openArtifact } from "../../../operations/artifacts/open-artifact.ts";
import type { Context } from "../../../operations/context.ts";
import { addOperation } from "../operation-route.ts";
import type { OpenAnswers } from "../streams/open-answers.ts";

export function addArtifacts(
  app: FastifyInstance,
  { context, openAnswers }: { context: Context; openAnswers: OpenAnswers },
): void {
  addOperation(app, "listArtifacts", ({ caller, params: { id } }) => listArtifacts(context, { caller, id }));

  addOperation(app, "readArtifact", async ({ caller, params: { id }, rest, reply }) => {
    const signal = openAnswers.streamOf(reply.raw, caller);
    const { artifact, stream } = await openArtifact(context, { caller, id, path: rest });
    // Cut off, so that the client can tell; at the end of the answer there is nothing left to cut.
    signal.addEventListener("abort", () => reply.raw.destroy(), { once: true });
    // A job chose the bytes and the name: a browser must neither show nor run them.
    return reply
      .type("application/octet-stream")
      .header("content-length", artifact.size)
      .header("content-disposition", attachment(artifact.path))
      .send(stream);
  });
}

/** `attachment` with the last part of the path as the file's name, in ASCII for old clients and in full for others. */
function attachment(path: string): string {
  const name = (path.split("/").at(-1) ?? "").toWellFormed();
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const exact = encodeURIComponent(name).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${exact}`;
}
