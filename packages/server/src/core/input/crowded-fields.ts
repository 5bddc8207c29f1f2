import { z } from "zod";

/** A field with more names than its schema's `maxProperties` says that it may have. */
export interface Crowded {
  name: string;
  most: number;
}

/**
 * Fields of an object that hold far too many names. A schema looks at each name and each value before it counts them,
 * which takes seconds for what a body of a few megabytes can hold.
 */
export function crowdedFields(schema: z.core.$ZodType, value: unknown): Crowded[] {
  if (!(schema instanceof z.ZodObject) || typeof value !== "object" || value === null) return [];
  return bounded(schema).flatMap(({ name, most }) => {
    const inner = (value as Record<string, unknown>)[name];
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return [];
    return Object.keys(inner).length > most ? [{ name, most }] : [];
  });
}

/** The fields of each schema that have such a bound: every request asks, and a schema never changes. */
const known = new WeakMap<z.ZodObject, readonly Crowded[]>();

function bounded(schema: z.ZodObject): readonly Crowded[] {
  const found = known.get(schema) ?? findBounded(schema);
  known.set(schema, found);
  return found;
}

function findBounded(schema: z.ZodObject): readonly Crowded[] {
  return Object.entries(schema.shape as Record<string, z.core.$ZodType>).flatMap(([name, part]) => {
    const most = mostOf(part);
    return most === null ? [] : [{ name, most }];
  });
}

function mostOf(schema: z.core.$ZodType): number | null {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return mostOf(schema.unwrap());
  const most = schema instanceof z.ZodType ? schema.meta()?.["maxProperties"] : undefined;
  return typeof most === "number" ? most : null;
}
