import { z } from "zod";
import { FIELD_NAMES, type FieldName, JOB_FIELDS } from "../job_fields.ts";

/** Fields without which there is no job. */
const NEEDED: ReadonlySet<FieldName> = new Set(["name", "script", "schedule"]);

/** The shapes of the fields that are neither a number nor one of some words nor one text. */
const SHAPES: Partial<Readonly<Record<FieldName, z.ZodType>>> = {
  labels: z.array(z.string()),
  args: z.array(z.string()),
  tags: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  schedule: z.union([z.string(), z.looseObject({ kind: z.string() })]),
};

const FIELDS = Object.fromEntries(FIELD_NAMES.map((name) => [name, fieldOf(name)]));

/**
 * What a job is, as programs send it and get it back: the fields of {@linkcode JOB_FIELDS} by their names. A null or absent field
 * stands for its default. `parseJobInput()` reads what has this shape.
 */
export const definition: z.ZodType<Readonly<Record<string, unknown>>> = z.strictObject(FIELDS);

/** A definition, and with `paused` how the job begins. */
export const newJob: z.ZodType<Readonly<Record<string, unknown>>> = z.strictObject({
  ...FIELDS,
  paused: z.boolean().optional().meta({ description: "whether it begins paused: nothing starts before it is resumed" }),
});

function fieldOf(name: FieldName): z.ZodType {
  const { bounds, choices, label, flag: [, about] } = JOB_FIELDS[name];
  const value = bounds !== null
    // A text may be a duration such as 5m.
    ? z.union([z.int().min(bounds.min).max(bounds.max), z.string()])
    : choices !== null
    ? z.enum(choices.map(([word]) => word))
    : SHAPES[name] ?? z.string();
  const described = { title: label, description: about };
  return NEEDED.has(name) ? value.meta(described) : value.nullish().meta(described);
}
