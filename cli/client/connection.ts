import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { z } from "zod";
import { Invalid, whyNot } from "@jobtrigger/shared/domain";
import type { Clock } from "@jobtrigger/shared/time";
import { eventsOf, type StreamEvent } from "./event_stream.ts";
import { errorOfAnswer, errorOfNetwork, errorOfReading } from "./portal_errors.ts";
import type { PortalTarget } from "./target.ts";

/** How long a portal may be silent, in milliseconds. */
const SILENCE_MS = 60_000;
/** Longest wait that a portal can ask for, in seconds, and how often it can ask. */
const [LONGEST_WAIT, MOST_WAITS] = [60, 5];
/** Longest answer that is read whole, in characters. */
const ANSWER_CHARS = 64_000_000;

/** A request, below `/api/v1`. */
export interface PortalRequest {
  /** Absent: GET. */
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** How long the portal may be silent, in milliseconds; absent: a minute. */
  readonly silenceMs?: number;
}

/**
 * Speaks with a portal. It follows no redirect, so the token goes to the named portal alone; and it waits as long as a portal with
 * too many requests says, within bounds.
 */
export class PortalConnection {
  readonly portal: PortalTarget;
  readonly #clock: Clock;
  readonly #agent: http.Agent;
  readonly #isTls: boolean;

  constructor(portal: PortalTarget, clock: Clock) {
    this.portal = portal;
    this.#clock = clock;
    this.#isTls = new URL(portal.url).protocol === "https:";
    const ca = portal.caFile === null ? {} : { ca: readAuthorities(portal.caFile) };
    this.#agent = this.#isTls ? new https.Agent({ keepAlive: true, ...ca }) : new http.Agent({ keepAlive: true });
  }

  /** Closes all connections. */
  close(): void {
    this.#agent.destroy();
  }

  /** Sends a request and reads its JSON answer. @throws {StoreUnavailable} @throws {Invalid} and the others of the domain. */
  async read<Value>(reader: z.ZodType<Value>, request: PortalRequest): Promise<Value> {
    return this.parse(reader, await this.#textOf(await this.#open(request), request));
  }

  /** Reads a JSON text that came from the portal. @throws {StoreUnavailable} when it is something else. */
  parse<Value>(reader: z.ZodType<Value>, text: string): Value {
    const { success, data, error } = reader.safeParse(parsed(text));
    if (success) return data;
    const [issue] = error.issues;
    throw errorOfReading(this.portal, `${issue?.path.join(".") || "the answer"}: ${issue?.message ?? "it is wrong"}`);
  }

  /** Sends a request whose answer says nothing. */
  async send(request: PortalRequest): Promise<void> {
    await this.#textOf(await this.#open(request), request);
  }

  /** Sends a request and answers the events of its stream. @throws {StoreUnavailable} also where the stream breaks. */
  async *events(request: PortalRequest): AsyncGenerator<StreamEvent, void, void> {
    yield* eventsOf(this.#bytesOf(await this.#open(request), request));
  }

  async #open(request: PortalRequest): Promise<IncomingMessage> {
    for (let waits = 0;; waits++) {
      const answer = await this.#answerTo(request);
      const { statusCode: status = 0, headers } = answer;
      if (status >= 200 && status < 300) return answer;
      const retryAfter = secondsOf(headers["retry-after"]);
      const text = await this.#textOf(answer, request);
      const mayWait = status === 429 && retryAfter !== null && retryAfter <= LONGEST_WAIT && waits < MOST_WAITS;
      if (!mayWait || request.signal?.aborted) {
        throw errorOfAnswer(this.portal, { status, text, location: headers.location ?? null, retryAfter });
      }
      await this.#clock.sleep(retryAfter * 1000, request.signal);
    }
  }

  #answerTo({ method = "GET", path, query = {}, headers = {}, body, signal, silenceMs = SILENCE_MS }: PortalRequest) {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      for (const one of value === undefined ? [] : typeof value === "object" ? value : [String(value)]) {
        search.append(name, one);
      }
    }
    const url = `${this.portal.url}/api/v1${path}${search.size === 0 ? "" : `?${search}`}`;
    const sent = body === undefined ? null : new TextEncoder().encode(JSON.stringify(body));
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const request = (this.#isTls ? https : http).request(url, {
      method,
      agent: this.#agent,
      ...(signal !== undefined && { signal }),
      headers: {
        authorization: `Bearer ${this.portal.token}`,
        "user-agent": "jobctl",
        ...(sent !== null && { "content-type": "application/json" }),
        // Node's clients name no length where there is no body, and some proxies refuse that.
        ...(method !== "GET" && { "content-length": String(sent?.length ?? 0) }),
        ...headers,
      },
    }, resolve);
    request.setTimeout(silenceMs, () => request.destroy(silent()));
    let wasSent = false;
    request.on("finish", () => wasSent = method !== "GET");
    request.on("error", (error) => reject(errorOfNetwork(this.portal, error, { wasSent })));
    request.end(sent ?? undefined);
    return promise;
  }

  async #textOf(answer: IncomingMessage, request: PortalRequest): Promise<string> {
    const decoder = new TextDecoder();
    let text = "";
    for await (const bytes of this.#bytesOf(answer, request)) {
      text += decoder.decode(bytes, { stream: true });
      if (text.length > ANSWER_CHARS) throw errorOfReading(this.portal, "it is too long");
    }
    return text + decoder.decode();
  }

  async *#bytesOf(answer: IncomingMessage, { method = "GET" }: PortalRequest): AsyncGenerator<Uint8Array, void, void> {
    try {
      for await (const bytes of answer) yield bytes;
    } catch (error) {
      throw errorOfNetwork(this.portal, error, { wasSent: method !== "GET" });
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function silent(): Error {
  return Object.assign(new Error("it does not answer"), { code: "ETIMEDOUT" });
}

function secondsOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** @throws {Invalid} that names the variable. */
function readAuthorities(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    const message = `cannot read ${path}: ${whyNot(error)}`;
    throw new Invalid([{ field: "JOBTRIGGER_CA_FILE", message }]);
  }
}
