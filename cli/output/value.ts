import { markUnseen } from "@jobtrigger/shared/domain";
import type { Json } from "@jobtrigger/shared/api";
import type { Io } from "../io.ts";

/** Prints a value as one JSON text and a line break. */
export async function printJson(io: Io, value: Json): Promise<void> {
  await io.out(`${jsonText(value)}\n`);
}

/** A value as JSON. */
export function jsonText(value: Json): string {
  return markUnseen(JSON.stringify(value));
}

/**
 * A value as YAML 1.2, with a line break at its end. Loads the code for that when it is first needed: it would be a fifth of the
 * start of every command.
 */
export async function yamlText(value: Json): Promise<string> {
  const { Document, Scalar, visit } = await import("yaml");
  const document = new Document(value);
  visit(document, {
    Scalar: (_, node) => {
      // Only quotation marks have escapes.
      const isUnseen = typeof node.value === "string" && markUnseen(node.value, "\n") !== node.value;
      if (isUnseen) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  // Without a limit to the width no text is folded: a program that compares lines sees a value in one.
  return markUnseen(document.toString({ lineWidth: 0 }), "\n");
}
