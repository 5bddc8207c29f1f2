import {
  BerthError,
  type ErrorCode,
  isDefinedName,
  isObjectName,
  isSha256,
  type Operation,
  type Permission,
} from "@berth/protocol";
import { principalProblem } from "../../../core/access/principal-name.ts";
import { isId } from "../../../lib/ids.ts";

type ParamName<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamName<Rest>
  : never;

/** What stands for the names in braces of a path: `{ id }` of `/api/v1/jobs/{id}/stop`. */
export type PathParams<Path extends string> = Readonly<Record<ParamName<Path>, string>>;

interface Reader {
  /** What is looked for, in a sentence. */
  noun: string;
  missing: ErrorCode;
  /** Whether there can be one of this name. */
  isName: (text: string) => boolean;
}

const readers: Readonly<Record<string, Reader>> = {
  id: { noun: "job", missing: "JOB_NOT_FOUND", isName: isId },
  // Written in many ways, all of which the registry reads.
  serial: { noun: "certificate", missing: "CERTIFICATE_NOT_FOUND", isName: () => true },
  sha256: { noun: "upload", missing: "UPLOAD_NOT_FOUND", isName: isSha256 },
  token: { noun: "token", missing: "TOKEN_NOT_FOUND", isName: isId },
  session: { noun: "session", missing: "SESSION_NOT_FOUND", isName: isId },
  group: { noun: "group", missing: "GROUP_NOT_FOUND", isName: (text) => principalProblem(text) === null },
  member: { noun: "user", missing: "USER_NOT_FOUND", isName: (text) => principalProblem(text) === null },
  user: { noun: "user", missing: "USER_NOT_FOUND", isName: (text) => principalProblem(text) === null },
  // Asked for behind its job: whoever may not see that is told of that.
  delivery: { noun: "delivery", missing: "DELIVERY_NOT_FOUND", isName: () => true },
  binding: { noun: "binding", missing: "BINDING_NOT_FOUND", isName: isId },
};

type Named = Readonly<Partial<Record<Permission["resource"], Reader>>>;

/** How `{name}` is read: by the resource of its operation, else by what stands before it, as of the jobs of a task. */
const byResource: Named = {
  runners: { noun: "runner", missing: "RUNNER_NOT_FOUND", isName: isDefinedName },
  tasks: { noun: "task", missing: "TASK_NOT_FOUND", isName: isDefinedName },
  schedules: { noun: "schedule", missing: "SCHEDULE_NOT_FOUND", isName: isDefinedName },
  webhooks: { noun: "webhook", missing: "WEBHOOK_NOT_FOUND", isName: isDefinedName },
  roles: { noun: "role", missing: "ROLE_NOT_FOUND", isName: isObjectName },
  networks: { noun: "network profile", missing: "NETWORK_NOT_FOUND", isName: isObjectName },
  secrets: { noun: "secret", missing: "SECRET_NOT_FOUND", isName: isDefinedName },
};

/**
 * How to read the parameters of an operation's path. What cannot be a name is answered like what is not there: it says
 * nothing about what is. Throws where nothing reads one of them.
 */
export function pathReader(
  { path, permission }: Pick<Operation, "path" | "permission">,
  named: Named = byResource,
): (params: unknown) => Record<string, string> {
  const names = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = ""]) => name);
  const parts = names.map((name) => {
    const reader = name === "name" ? namedOf({ path, permission }, named) : readers[name];
    if (reader === undefined) throw new Error(`Cannot read "${path}": nothing reads {${name}}`);
    return { name, ...reader };
  });
  return (params) => {
    const raw = params as Readonly<Record<string, string>>;
    return Object.fromEntries(
      parts.map(({ name, noun, missing, isName }) => {
        const text = raw[name] ?? "";
        if (!isName(text)) throw new BerthError(missing, `Cannot find ${noun} "${text}"`);
        return [name, text];
      }),
    );
  };
}

function namedOf(
  { path, permission }: Pick<Operation, "path" | "permission">,
  named: Named,
): Reader | undefined {
  const collection = path.split("/{name}", 1)[0]?.split("/").at(-1) ?? "";
  const byPermission = permission === null ? undefined : named[permission.resource];
  return byPermission ?? new Map(Object.entries(named)).get(collection);
}
