import { destination, type DestinationStream, type Logger as PinoLogger, pino } from "pino";
import { prettyLine } from "./pretty-line.ts";

export type Logger = PinoLogger;

export interface LoggerOptions {
  level: "debug" | "info" | "warn" | "error" | "silent";
  /** `auto` is `pretty` on a terminal, else `json`. */
  format: "auto" | "pretty" | "json";
  /** Default: stderr, written without blocking and flushed when the process ends. */
  out?: DestinationStream;
}

/** Fields that may carry a credential, wherever somebody logs a request or its headers. */
const CREDENTIALS = ["authorization", "cookie", "token", "password", "secret"];

export function createLogger({ level, format, out }: LoggerOptions): Logger {
  const stream = out ?? destination({ dest: 2, sync: false });
  const pretty = format === "pretty" || (format === "auto" && process.stderr.isTTY);
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: CREDENTIALS.flatMap(everywhere), censor: "[secret]" },
    },
    pretty ? { write: (line) => stream.write(prettyLine(line)) } : stream,
  );
}

function everywhere(name: string): string[] {
  return [name, `*.${name}`, `*.headers.${name}`, `headers.${name}`];
}
