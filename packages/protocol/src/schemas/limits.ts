import { z } from "zod";
import { type LimitName, limitRows, type LimitRow, type LimitTable, limitUnits } from "../limits.ts";

function written(row: LimitRow) {
  const { parse, problem } = limitUnits[row.unit];
  const text = z
    .union([z.string().max(32), z.number()])
    .transform(String)
    .refine((value) => parse(value) !== null, { error: ({ input }) => problem(String(input)) });
  const { least } = row;
  if (least === undefined) return text;
  const error = `must be at least ${least.shown}: ${least.because}`;
  return text.refine((value) => (parse(value) ?? 0) >= least.value, { error });
}

function counted({ least, most = Number.MAX_SAFE_INTEGER }: LimitRow): z.ZodInt {
  return z
    .int()
    .min(least?.value ?? 0)
    .max(most);
}

type Field<Row extends LimitRow> = z.ZodOptional<
  Row["unit"] extends "count" ? z.ZodInt : ReturnType<typeof written>
>;
type Fields<Section extends LimitRow["section"]> = {
  [Name in LimitName as LimitTable[Name]["section"] extends Section
    ? LimitTable[Name]["field"]
    : never]: Field<LimitTable[Name]>;
};

/** The fields of one section of a job's spec, as the table of limits has them. */
function fieldsOf<Section extends LimitRow["section"]>(section: Section): Fields<Section> {
  const fields = limitRows
    .filter((row) => row.section === section)
    .map((row) => {
      const field = row.unit === "count" ? counted(row) : written(row);
      return [row.field, field.optional().meta({ description: row.about })];
    });
  // Made of the same rows as the type.
  return Object.fromEntries(fields) as Fields<Section>;
}

export const resources = z.strictObject({
  ...fieldsOf("resources"),
  io: z.strictObject(fieldsOf("resources.io")).optional(),
});

export const timeouts = z.strictObject(fieldsOf("timeouts"));

export const output = z.strictObject({
  ...fieldsOf("output"),
  overflow: z.enum(["stop", "discard"]).optional().meta({ description: "What happens past the limit" }),
});
