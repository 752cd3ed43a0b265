import { VERSION } from "@jobtrigger/shared/domain";
import { API_ERRORS, type ApiErrorCode, type JsonObject } from "@jobtrigger/shared/api";
import { noBody, type Parameters, SENT, SENT_ALERTS, SHOWN } from "@jobtrigger/shared/api/schemas";
import { z } from "zod";
import { ANSWER_HEADERS, type ApiOperation } from "./operation.ts";
import { API_ROOT, OPERATION_GROUPS, type OperationGroup } from "./operations.ts";

/** What can go wrong with every operation. */
export const COMMON_ERRORS: readonly ApiErrorCode[] = [
  "malformed",
  "unauthorized",
  "forbidden",
  "not_acceptable",
  "invalid",
  "too_many_requests",
  "internal",
  "unavailable",
];

let made: JsonObject | null = null;

/** The OpenAPI 3.1 document of the API. */
export function openApiDocument(): JsonObject {
  made ??= plain({
    openapi: "3.1.0",
    info: {
      title: "Job Trigger Portal",
      version: VERSION,
      description:
        "Everything that the portal and jobctl do. Names are those of the database's columns, instants are " +
        "ISO 8601 in UTC. The page /help/api says it in prose.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: API_ROOT }],
    security: [{ token: [] }, { session: [] }],
    tags: OPERATION_GROUPS.map(({ title }) => ({ name: title })),
    paths: pathsOf(OPERATION_GROUPS),
    components: {
      schemas: schemas(),
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "An API token, jtp_…" },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "session_8000",
          description: "The session of a browser that is signed in to the portal, from the portal's own pages",
        },
      },
    },
  });
  return made;
}

function pathsOf(groups: readonly OperationGroup[]): Record<string, Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { title, operations } of groups) {
    for (const operation of operations) {
      const methods = paths[operation.path] ??= {};
      methods[operation.method.toLowerCase()] = { tags: [title], ...describe(operation) };
    }
  }
  return paths;
}

function describe(operation: ApiOperation): Record<string, unknown> {
  const { id, path, permission, summary, query, headers, body } = operation;
  return {
    operationId: id,
    summary,
    description: permission === null ? "For whoever is signed in." : `It takes the permission \`${permission}\`.`,
    parameters: [
      ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
        name,
        in: "path",
        required: true,
        schema: { type: "string" },
        ...(name === "job" && { description: "The id or the key of a job" }),
      })),
      ...parametersOf(query, "query"),
      ...parametersOf(headers, "header"),
    ],
    ...(body !== noBody && {
      requestBody: {
        required: !body.schema.safeParse({}).success,
        content: { "application/json": { schema: { $ref: `#/components/schemas/${body.name}` } } },
      },
    }),
    responses: responsesOf(operation),
    ...(permission !== null && { "x-permission": permission }),
  };
}

function parametersOf({ shape }: Parameters<unknown>, where: "query" | "header"): readonly Record<string, unknown>[] {
  return Object.entries(shape).map(([name, schema]) => {
    const { description, ...said } = bare(z.toJSONSchema(schema));
    return {
      name,
      in: where,
      required: !schema.safeParse(undefined).success,
      ...(description !== undefined && { description }),
      schema: said,
    };
  });
}

function responsesOf({ answer, errors }: ApiOperation): Record<string, unknown> {
  const responses: Record<string, unknown> = {};
  const { status, shown, type, headers = [] } = answer;
  const said = {
    description: status === 204 ? "It is done." : status === 201 ? "What was made." : "What was asked for.",
    ...(headers.length > 0 && {
      headers: Object.fromEntries(
        headers.map((name) => [name, { description: ANSWER_HEADERS[name], schema: { type: "string" } }]),
      ),
    }),
    ...(shown !== undefined && {
      content: { "application/json": { schema: { $ref: `#/components/schemas/${shown}` } } },
    }),
    ...(type !== undefined && { content: { [type]: { schema: { type: "string" } } } }),
  };
  responses[String(status)] = said;
  if (type === "text/plain") responses["206"] = { ...said, description: "The part that Range names." };
  for (const code of [...COMMON_ERRORS, ...errors]) {
    const { status, title } = API_ERRORS[code];
    responses[String(status)] = {
      description: title,
      content: { "application/problem+json": { schema: { $ref: "#/components/schemas/ProblemDetails" } } },
    };
  }
  return responses;
}

/** All schemas with a name; where one holds another, it refers to it. */
function schemas(): Record<string, unknown> {
  const registry = z.registry<{ readonly id: string }>();
  const named = Object.entries({
    ...SHOWN,
    ...Object.fromEntries([...SENT, ...SENT_ALERTS].map(({ name, schema }) => [name, schema])),
  });
  for (const [id, schema] of named) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, bare(schema)]));
}

/** A schema without the names that it has where it stands alone. */
function bare({ $schema: _dialect, $id: _id, id: _name, ...schema }: Record<string, unknown>): Record<string, unknown> {
  return schema;
}

/** The document as JSON. */
function plain(document: unknown): JsonObject {
  return JSON.parse(JSON.stringify(document));
}
