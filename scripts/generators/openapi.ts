import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { openApiDocument } from "../../packages/server/src/api/http/openapi/document.ts";
import { version } from "../../packages/server/src/config/version.ts";

const page = "docs/reference/openapi.json";

/** The OpenAPI document, as the server shows it. */
export const openApiReference = {
  owns: [page],
  async write(root: string): Promise<void> {
    const path = join(root, page);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${JSON.stringify(await openApiDocument(version), null, 2)}\n`);
  },
};
