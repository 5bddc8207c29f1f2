import { z } from "zod";

/**
 * What changes a definition: each field given takes the place of what is there, limits and timeouts one by one; null takes a
 * field away.
 */
export function patchOf<Shape extends Readonly<Record<string, z.ZodType>>>(
  shape: Shape,
): z.ZodObject<{ [Name in keyof Shape]: z.ZodOptional<z.ZodNullable<Shape[Name]>> }, z.core.$strict> {
  const fields = Object.entries(shape).map(([name, field]) => [name, field.nullable().optional()]);
  // Made of the same fields as the type.
  return z.strictObject(
    Object.fromEntries(fields) as { [Name in keyof Shape]: z.ZodOptional<z.ZodNullable<Shape[Name]>> },
  );
}
