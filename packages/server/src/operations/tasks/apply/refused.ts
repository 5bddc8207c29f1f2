import { BerthError, errorCatalog, type Problem } from "@berth/protocol";

/** One entry that cannot be as it is written. */
export interface Refusal {
  /** Where it stands: `tasks[2]`. */
  field: string;
  error: BerthError;
}

/** From here on a fault is the server's, and says nothing of what was asked. */
const FAULTS = 500;

/** Whether an entry alone is to blame. */
export function isRefusal(error: unknown): error is BerthError {
  return error instanceof BerthError && errorCatalog[error.code].status < FAULTS;
}

/** All that is wrong with all of them, with the code of the first. */
export function refusedAll(refusals: readonly Refusal[], all: number): BerthError | null {
  const [first] = refusals;
  if (first === undefined) return null;
  const { code, message, fix } = first.error;
  const what = all === 1 ? "it" : `${refusals.length} of ${all} definitions`;
  const problems = refusals.flatMap(problemsOf);
  return new BerthError(code, `Cannot apply ${what}, and nothing was changed: ${message}`, { problems, fix });
}

function problemsOf({ field, error }: Refusal): Problem[] {
  if (error.problems.length === 0) return [{ field, message: sentence(error) }];
  return error.problems.map((one) => ({
    field: `${field}.${error.code === "INPUT_INVALID" ? inInput(one.field) : one.field}`,
    message: one.message,
  }));
}

function inInput(field: string): string {
  if (field === "body" || field === "") return "spec.input";
  return field.startsWith("[") ? `spec.input${field}` : `spec.input.${field}`;
}

/** In the middle of a line, with what could be done about it, which differs from one to the next. */
function sentence({ message, code, fix }: BerthError): string {
  return code === "FORBIDDEN" ? `${message}. ${fix}` : message;
}
