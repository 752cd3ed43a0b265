import { API_ERRORS } from "@jobtrigger/shared/api";
import { noBody } from "@jobtrigger/shared/api/schemas";
import { z } from "zod";
import type { ApiOperation } from "./operation.ts";
import { API_ROOT } from "./operations.ts";

/** A parameter, a header or a field of a body. */
export interface FieldLine {
  readonly where: "address" | "header" | "body";
  readonly name: string;
  readonly isNeeded: boolean;
  /** What it is, in words. */
  readonly about: string;
}

/** What the reference page says of an operation. */
export interface OperationFacts extends Pick<ApiOperation, "id" | "method" | "summary"> {
  readonly path: string;
  /** What it takes to call it, in a sentence. */
  readonly needs: string;
  readonly fields: readonly FieldLine[];
  /** What it answers, in a sentence. */
  readonly answers: string;
}

const shapeSchema = z.looseObject({
  properties: z.record(z.string(), z.looseObject({ description: z.string().optional() })).default({}),
  required: z.array(z.string()).default([]),
});

/** What the table says of an operation, for people. */
export function operationFacts(
  { answer, errors, permission, query, headers, body, ...operation }: ApiOperation,
): OperationFacts {
  const { status, shown, type } = answer;
  const what = shown ?? type ?? "nothing";
  const own = errors.map((code) => API_ERRORS[code].status).filter((status) => status !== 422);
  return {
    ...operation,
    path: API_ROOT + operation.path,
    needs: permission === null ? "Whoever is signed in may." : `It takes the permission ${permission}.`,
    fields: [
      ...linesOf("address", query),
      ...linesOf("header", headers),
      ...(body === noBody ? [] : linesOf("body", body.schema)),
    ],
    answers: `It answers ${status} with ${what}${own.length === 0 ? "" : `, or ${own.join(", ")}`}.`,
  };
}

function linesOf(where: FieldLine["where"], schema: z.ZodType): readonly FieldLine[] {
  const { properties, required } = shapeSchema.parse(z.toJSONSchema(schema));
  return Object.entries(properties).map(([name, { description, ...said }]) => ({
    where,
    name,
    isNeeded: required.includes(name),
    about: [kindOf(said), description].filter((text) => text !== undefined && text !== "").join("; "),
  }));
}

/** The kind of a value in words: `integer`, `skip or allow`, `text`. */
function kindOf(schema: Readonly<Record<string, unknown>>): string {
  const { type, enum: words, anyOf, minimum, maximum, items } = shape.parse(schema);
  if (words !== undefined) return words.join(" or ");
  if (anyOf !== undefined) return anyOf.map(kindOf).join(" or ");
  if (Array.isArray(type)) return type.map((one) => kindOf({ ...schema, type: one })).join(" or ");
  if (type === "integer") return `whole number from ${minimum ?? "any"} to ${maximum ?? "any"}`;
  if (type === "array") return `list of ${items === undefined ? "values" : kindOf(items)}`;
  return type === "string" ? "text" : type ?? "";
}

const shape = z.looseObject({
  /** Several where a value may be null. */
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.string()).optional(),
  anyOf: z.array(z.record(z.string(), z.unknown())).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  items: z.record(z.string(), z.unknown()).optional(),
});
