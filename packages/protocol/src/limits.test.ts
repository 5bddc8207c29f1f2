import { ScalarType } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { ExecuteRequestSchema } from "./gen/executor_pb.ts";
import { limitIn, limitRows, limitTable } from "./limits.ts";
import { jobSpec } from "./schemas/job-spec.ts";

const written = { cores: "2", size: "1Gi", rate: "1Mi/s", duration: "9s", count: 9 } as const;

function specWith(path: string, value: unknown): object {
  const inner = path.split(".").reduceRight<unknown>((below, part) => ({ [part]: below }), value);
  return { command: "true", ...(inner as object) };
}

describe("each limit of the table", () => {
  it.each(limitRows)("$path stands in the schema of a job, and is read from there", (row) => {
    const spec = jobSpec.parse(specWith(row.path, written[row.unit]));
    expect(limitIn(spec, row)).toBe(written[row.unit]);
    expect(() => jobSpec.parse(specWith(row.path, "soon"))).toThrow(row.field);
  });

  it.each(limitRows)("$path has a field of its own over gRPC", ({ section, field, wire, unit }) => {
    const message = ExecuteRequestSchema.field[section.split(".")[0] as "resources"].message;
    const own = message?.fields.find(({ name }) => name === (wire ?? field));
    expect(own?.scalar).toBe(unit === "count" ? ScalarType.UINT32 : ScalarType.STRING);
  });

  it.each(limitRows.filter(({ least }) => least !== undefined))("$path has a least value", (row) => {
    const least = row.least?.value ?? 0;
    const unit = row.unit === "count" ? Number : String;
    expect(jobSpec.safeParse(specWith(row.path, unit(least))).success).toBe(true);
    expect(jobSpec.safeParse(specWith(row.path, unit(least - 1))).success).toBe(false);
  });

  it("is named once everywhere", () => {
    const all = (name: (row: (typeof limitRows)[number]) => string): number =>
      new Set(limitRows.map(name)).size;
    const count = Object.keys(limitTable).length;
    expect([
      all(({ path }) => path),
      all(({ flag }) => flag.name),
      all(({ setting }) => setting.name),
    ]).toEqual([count, count, count]);
  });
});
