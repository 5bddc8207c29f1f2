interface LogLine {
  level: string;
  time: string;
  msg?: string;
  err?: { stack?: string };
  [field: string]: unknown;
}

/** A JSON log line as a person reads it: `12:00:01 info  Job ended  job=... state=failed`, then the stack if any. */
export function prettyLine(json: string): string {
  const { level, time, msg = "", err, ...fields } = JSON.parse(json) as LogLine;
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${shown(value)}`);
  const head = [time.slice(11, 19), level.padEnd(5), msg, ...(pairs.length > 0 ? ["", ...pairs] : [])].join(
    " ",
  );
  return err?.stack === undefined ? `${head}\n` : `${head}\n${err.stack.replace(/^/gm, "    ")}\n`;
}

function shown(value: unknown): string {
  return typeof value === "string" && /^[\w./:-]+$/.test(value) ? value : JSON.stringify(value);
}
