import type { AuditRecord } from "@berth/protocol";

/** "Log audit" of RFC 5424. */
const FACILITY = 13;
const SEVERITIES = { done: 5, denied: 4, failed: 4 } as const;

/**
 * One record as RFC 5424 has it, all in ASCII: the message is the record as JSON, in one line. There is no structured data: what
 * it would say is in the record.
 */
export function syslogMessage(record: AuditRecord, host: string): string {
  const priority = FACILITY * 8 + SEVERITIES[record.outcome];
  const kind = word(`${record.resource}.${record.verb}`, 32);
  return `<${priority}>1 ${record.at} ${word(host, 255)} berth - ${kind} - ${inAscii(JSON.stringify(record))}`;
}

/** With its length before it, as RFC 6587 and RFC 5425 put messages into a stream. */
export function framed(message: string): string {
  return `${message.length} ${message}`;
}

/** A field of the header: printable, without blanks. */
function word(text: string, most: number): string {
  return text.replace(/[^!-~]/g, "_").slice(0, most) || "-";
}

/** JSON still, and the same to whoever reads it as such. */
function inAscii(json: string): string {
  return json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
