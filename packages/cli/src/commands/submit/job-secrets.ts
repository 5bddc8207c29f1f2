import type { JobRequest } from "@berth/sdk";
import { UsageError } from "../../core/usage-error.ts";

type Uses = NonNullable<JobRequest["secrets"]>;
interface SecretFlags {
  secret: readonly string[];
  "secret-env": readonly string[];
}
type Use = { keys?: string[]; env?: Record<string, string> };

/** The secrets that a job is to have, each once, however many flags speak of it. Their values are on no command line. */
export function secretsOf(flags: SecretFlags): { secrets?: Uses } {
  const uses = new Map<string, Use>();
  const useOf = (name: string): Use => {
    const use = uses.get(name) ?? {};
    uses.set(name, use);
    return use;
  };
  const whole = new Set<string>();
  for (const text of flags.secret) {
    const [name = "", keys] = text.split(":", 2);
    const use = useOf(name);
    if (keys === undefined) whole.add(name);
    else use.keys = [...(use.keys ?? []), ...keys.split(",")];
  }
  for (const text of flags["secret-env"]) {
    const [, variable = "", name = "", key = ""] = /^([^=]+)=([^:]+):(.+)$/.exec(text) ?? [];
    if (variable === "")
      throw new UsageError(`Cannot read --secret-env "${text}"`, "Write it like --secret-env VAR=NAME:KEY");
    if (whole.has(name))
      throw new UsageError(
        `Cannot give all keys of "${name}" and one of them as a variable`,
        `Name the keys that it gets as files: --secret ${name}:KEY,KEY`,
      );
    const use = useOf(name);
    use.env = { ...use.env, [variable]: key };
  }
  if (uses.size === 0) return {};
  return { secrets: [...uses].map(([name, use]) => ({ name, ...use })) };
}
