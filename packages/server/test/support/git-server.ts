import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { tempFolder } from "./temp-folder.ts";

/** A real git, behind HTTP with a password, and repositories of its own. */
export interface GitServer extends AsyncDisposable {
  /** Of the repositories. */
  readonly root: string;
  readonly port: number;
  /** Paths of the requests that came, in order. */
  readonly asked: string[];
  url(path: string): string;
  /** Commits these files to a branch of a repository, made where it is not there; the commit. */
  commit(repository: string, files: Readonly<Record<string, string>>, branch?: string): string;
  /** An empty repository that takes what is pushed. */
  bare(repository: string): void;
  git(repository: string, ...args: readonly string[]): string;
}

export const gitUser = "bot";
/** Of this process alone: who looks for it among all processes of the host finds those of no other test. */
export const gitPassword = `tok3n-of-a-long-kind-${randomBytes(8).toString("hex")}`;

const environment = {
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@example.org",
};

/** `answer`: what it says to some paths in git's place; false leaves a request to git. `tls`: key and certificate, for https. */
export async function startGitServer(
  answer: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean> = () => false,
  tls: { key: string; cert: string } | null = null,
): Promise<GitServer> {
  const folder = tempFolder();
  const asked: string[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    asked.push(request.url ?? "");
    const answered = answer(request, response);
    if (answered === false) return serve(request, response, folder.path);
    // Nothing of what is sent is read meanwhile.
    void Promise.resolve(answered).then((isDone) => {
      if (!isDone) serve(request, response, folder.path);
    });
  };
  const server = tls === null ? createServer(listener) : createSecureServer(tls, listener);
  server.listen(0, "127.0.0.1");
  const serve = (request: IncomingMessage, response: ServerResponse, root: string): void => {
    const shown = Buffer.from((request.headers.authorization ?? "").slice(6), "base64").toString();
    const isUser = [gitUser, "git"].some((user) => shown === `${user}:${gitPassword}`);
    const isOpen = (request.url ?? "").startsWith("/open/");
    if (!isOpen && !isUser) {
      response.writeHead(401, { "www-authenticate": "Basic realm=x" });
      return void response.end();
    }
    backend(request, response, root);
  };
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const git = (repository: string, ...args: readonly string[]) =>
    execFileSync("git", ["-C", join(folder.path, repository), ...args], {
      env: environment,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  return {
    root: folder.path,
    port,
    asked,
    git,
    url: (path) => `${tls === null ? "http" : "https"}://127.0.0.1:${port}/${path}`,
    commit(repository, files, branch = "main") {
      const path = join(folder.path, repository);
      if (!existsSync(path)) {
        mkdirSync(path, { recursive: true });
        git(repository, "init", "-q", "-b", branch);
        git(repository, "config", "uploadpack.allowAnySHA1InWant", "true");
        git(repository, "config", "http.receivepack", "false");
      } else git(repository, "checkout", "-q", "-B", branch);
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(path, name)), { recursive: true });
        writeFileSync(join(path, name), content);
      }
      git(repository, "add", "-A");
      git(repository, "commit", "-q", "--allow-empty", "-m", "files");
      return git(repository, "rev-parse", "HEAD").trim();
    },
    bare(repository) {
      const path = join(folder.path, repository);
      execFileSync("git", ["init", "-q", "--bare", "-b", "main", path], { env: environment });
      git(repository, "config", "http.receivepack", "true");
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** As a web server runs it: CGI. */
function backend(request: IncomingMessage, response: ServerResponse, root: string): void {
  const url = new URL(request.url ?? "/", "http://x");
  const header = (name: string) => [request.headers[name] ?? ""].flat().join(", ");
  const child = spawn("git", ["http-backend"], {
    env: {
      ...environment,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: header("content-type"),
      HTTP_CONTENT_ENCODING: header("content-encoding"),
      GIT_PROTOCOL: header("git-protocol"),
      REMOTE_USER: gitUser,
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(child.stdin);
  child.stdin.on("error", () => undefined);
  let head = Buffer.alloc(0);
  child.stdout.on("data", (block: Buffer) => {
    if (response.headersSent) return void response.write(block);
    head = Buffer.concat([head, block]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    let status = 200;
    const headers: Record<string, string> = {};
    for (const line of head.subarray(0, end).toString().split("\r\n")) {
      const [name = "", ...value] = line.split(": ");
      if (name === "Status") status = Number(value.join(": ").slice(0, 3));
      else headers[name] = value.join(": ");
    }
    response.writeHead(status, headers);
    response.write(head.subarray(end + 4));
  });
  child.stdout.on("end", () => response.end());
}
