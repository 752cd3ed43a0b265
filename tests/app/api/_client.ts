/**
 * A client that knows the API by its OpenAPI document alone: it calls operations by their names, checks each answer against what
 * the document says of it, and remembers which operations it has seen succeed.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { z } from "zod";
import { createToken, createUser, type TokenRequest, type UserRequest } from "../../../shared/operations/mod.ts";
import { PERMISSIONS } from "../../../shared/domain/mod.ts";
import { operating } from "../../support/operating.ts";
import type { TestPortal } from "../_portal.ts";

const contentSchema = z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) }));
const operationSchema = z.object({
  operationId: z.string(),
  parameters: z.array(z.object({
    name: z.string(),
    in: z.enum(["path", "query", "header"]),
    required: z.boolean(),
    schema: z.record(z.string(), z.unknown()),
  })),
  requestBody: z.object({ required: z.boolean(), content: contentSchema }).optional(),
  responses: z.record(z.string(), z.object({ content: contentSchema.optional() })),
  "x-permission": z.string().optional(),
});
const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
});

/** A JSON schema. */
export type Schema = Readonly<Record<string, unknown>>;

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

/** An operation of the document. */
export interface Described {
  readonly operationId: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: "path" | "query" | "header";
    readonly required: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content } | undefined;
  readonly responses: Readonly<Record<string, { readonly content?: Content | undefined }>>;
  readonly "x-permission"?: string | undefined;
  readonly method: string;
  readonly path: string;
}

/** What a request holds beside its operation. */
export interface Sent {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number | readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** An API token; absent: the client's own. */
  readonly token?: string;
}

/** An answer, read and found to be as the document says. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Calls operations of one portal. */
export class ApiClient {
  readonly document: unknown;
  readonly operations: ReadonlyMap<string, Described>;
  /** The operations that were seen to succeed. */
  readonly succeeded: Set<string> = new Set();
  readonly components: Readonly<Record<string, unknown>>;
  readonly #portal: TestPortal;
  readonly #token: string;
  readonly #ajv: Ajv2020;
  readonly #validators: Map<string, ValidateFunction> = new Map();

  private constructor(portal: TestPortal, token: string, document: unknown) {
    const { paths, components } = documentSchema.parse(document);
    this.#portal = portal;
    this.#token = token;
    this.document = document;
    this.components = components.schemas;
    this.#ajv = new Ajv2020({ strict: false, validateFormats: false });
    this.#ajv.addSchema({ $id: "document", components });
    this.operations = new Map(
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, said]) =>
          [said.operationId, { ...said, path, method: method.toUpperCase() }] as const
        )
      ),
    );
  }

  /** Reads the document from a portal. */
  static async open(portal: TestPortal, token: string): Promise<ApiClient> {
    const answer = await portal.asStranger("/api/v1/openapi.json", { headers: { authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 200);
    return new ApiClient(portal, token, await answer.json());
  }

  /** The operation with this name. */
  operation(id: string): Described {
    const found = this.operations.get(id);
    assert.ok(found, `The document has no operation ${id}`);
    return found;
  }

  /** Calls an operation, whatever it answers. */
  async call(id: string, sent: Sent = {}): Promise<Answered> {
    const operation = this.operation(id);
    const answer = await this.#portal.asStranger(addressOf(operation, sent), {
      method: operation.method,
      headers: {
        authorization: `Bearer ${sent.token ?? this.#token}`,
        ...(sent.body !== undefined && { "content-type": "application/json" }),
        ...sent.headers,
      },
      ...(sent.body !== undefined && { body: JSON.stringify(sent.body) }),
    });
    const text = await answer.text();
    return this.#checked(operation, answer, text);
  }

  /** Calls an operation that must succeed. */
  async ok(id: string, sent: Sent = {}): Promise<Answered> {
    const answer = await this.call(id, sent);
    assert.ok(answer.status < 300, `${id} answered ${answer.status}: ${answer.text}`);
    return answer;
  }

  /** Calls an operation that must fail, with this status. */
  async fails(status: number, id: string, sent: Sent = {}): Promise<Answered> {
    const answer = await this.call(id, sent);
    assert.equal(answer.status, status, `${id} answered ${answer.text}`);
    return answer;
  }

  #checked({ operationId, responses }: Described, { status, headers }: Response, text: string): Answered {
    const said = responses[String(status)];
    assert.ok(said, `${operationId} answered ${status}, which the document does not name: ${text}`);
    const type = (headers.get("content-type") ?? "").split(";")[0] ?? "";
    const schema = said.content?.[type]?.schema;
    if (said.content === undefined) assert.equal(text, "", `${operationId}: an answer without a body`);
    else assert.ok(schema, `${operationId} answered ${status} as ${type}, which the document does not name`);
    const json = type.endsWith("json") ? JSON.parse(text) : {};
    if (schema !== undefined && type.endsWith("json")) {
      const validate = this.#validator(schema);
      assert.ok(validate(json), `${operationId} ${status}: ${this.#ajv.errorsText(validate.errors)} in ${text}`);
    }
    if (status < 300) this.succeeded.add(operationId);
    return { status, headers, text, json };
  }

  #validator(schema: Readonly<Record<string, unknown>>): ValidateFunction {
    const key = JSON.stringify(schema);
    const known = this.#validators.get(key);
    if (known !== undefined) return known;
    const made = this.#ajv.compile(JSON.parse(key.replaceAll('"#/components', '"document#/components')));
    this.#validators.set(key, made);
    return made;
  }
}

/** The address of a request, below the portal's own. */
export function addressOf({ path }: Pick<Described, "path">, { params = {}, query = {} }: Sent): string {
  const named = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  return `/api/v1${named}${search.size === 0 ? "" : `?${search}`}`;
}

/** Makes a user and a token of theirs with all scopes, and answers the token; `as` and `limits` say where they differ. */
export async function newToken(
  { store, now }: Pick<TestPortal, "store" | "now">,
  as: Partial<UserRequest> = {},
  limits: Partial<TokenRequest> = {},
): Promise<string> {
  const context = operating(store, now());
  const base = { name: "ann", role: "admin", grants: [], password: null, isService: false, externalId: null } as const;
  const name = as.name ?? base.name;
  const user = await store.users.findByName(name) ?? await createUser(context, { ...base, ...as });
  const { secret } = await createToken(context, {
    userId: user.id,
    name: "ci",
    scopes: PERMISSIONS,
    labels: null,
    expiresAt: null,
    ...limits,
  });
  return secret;
}
