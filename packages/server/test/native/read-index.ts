import {
  decodeRecord,
  type Ends,
  nothing,
  type OutputRecord,
  recordBytes,
} from "../../src/core/output/output-record.ts";

/** All records of an index, as the log store reads it. Throws on bytes that are none. */
export function readIndex(bytes: Buffer): OutputRecord[] {
  const records: OutputRecord[] = [];
  let start: Ends = nothing;
  for (let at = 0; at < bytes.length; at += recordBytes) {
    const record = decodeRecord(bytes, at, start);
    if (!record) throw new Error(`Cannot read the index: no record at ${at} of ${bytes.length}`);
    records.push(record);
    start = record.end;
  }
  return records;
}

/** The ends that an index comes to. */
export function endOf(bytes: Buffer): [number, number] {
  const end = readIndex(bytes).at(-1)?.end ?? nothing;
  return [end.stdout, end.stderr];
}
