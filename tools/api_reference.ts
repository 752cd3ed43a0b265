import { API_ERROR_CODES, API_ERRORS } from "@jobtrigger/shared/api";
import { COMMON_ERRORS } from "../app/server/api/openapi.ts";
import { OPERATION_GROUPS } from "../app/server/api/operations.ts";
import { operationFacts } from "../app/server/api/reference.ts";
import { line, sentence } from "./reference_text.ts";

/** The text of `docs/reference/api.md`: each operation of the API, from the table that answers requests. */
export function apiReference(): string {
  const chapters = OPERATION_GROUPS.map(({ title, operations }) => [
    `## ${title}`,
    ...operations.map(operationFacts).flatMap(({ method, path, summary, needs, fields, answers }) => [
      `### ${method} ${path}`,
      `${sentence(summary)} ${needs}`,
      ...(fields.length === 0 ? [] : [
        fields.map(({ where, name, isNeeded, about }) =>
          line(name, `in the ${where}${isNeeded ? ", needed" : ""}${about === "" ? "" : `; ${about}`}`)
        ).join("\n"),
      ]),
      sentence(answers),
    ]),
  ]);
  return [
    "# Reference of the API",
    "Each operation, from the table that answers requests. A portal has the same at `/help/api`, and the OpenAPI 3.1 " +
    "document at `/api/v1/openapi.json`. Tokens, paging and errors are in [the API](../api.md). `deno task docs` " +
    "writes this page.",
    ...chapters.flat(),
    "## Errors",
    `An error is \`application/problem+json\`; its \`code\` is one of these. Every operation can answer ${
      COMMON_ERRORS.map((code) => API_ERRORS[code].status).join(", ")
    }.`,
    API_ERROR_CODES.map((code) =>
      line(`${API_ERRORS[code].status} ${code}`, `${API_ERRORS[code].title}. ${API_ERRORS[code].about}`)
    ).join("\n"),
  ].join("\n\n") + "\n";
}
