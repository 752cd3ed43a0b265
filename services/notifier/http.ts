/**
 * One request over HTTP to an address that was checked. Redirects are not followed, an answer is read only to its beginning, and all
 * of it has a time limit.
 *
 * @module
 */
import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { type Gate, unlessAborted } from "./network.ts";

/** Most of an answer that is kept for the delivery log, in characters. */
const MOST_KEPT = 200;
/** Most of an answer that is read, in bytes. */
const MOST_READ = 16_384;

/** A request. */
export interface Request {
  /** Where to. */
  readonly url: string;
  /** Default: POST. */
  readonly method?: "GET" | "POST";
  /** Its headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** Its body; absent: none. */
  readonly body?: string;
}

/** An answer. */
export interface Answer {
  /** Its status. */
  readonly status: number;
  /** How it begins, in one line. */
  readonly beginning: string;
}

/** Sends a request. @throws {Refused} when the address is inside. @throws {Error} when nothing answers in time. */
export async function send(
  gate: Gate,
  { url, method = "POST", headers, body }: Request,
  signal: AbortSignal,
): Promise<Answer> {
  const target = new URL(url);
  const isTls = target.protocol === "https:";
  const address = await unlessAborted(signal, gate.addressOf(target.hostname));
  const bytes = body === undefined ? undefined : new TextEncoder().encode(body);
  return await new Promise((resolve, reject) => {
    const sent = (isTls ? tlsRequest : plainRequest)({
      host: address,
      port: target.port === "" ? (isTls ? 443 : 80) : Number(target.port),
      path: `${target.pathname}${target.search}`,
      method,
      agent: false,
      signal,
      headers: {
        host: target.host,
        "user-agent": "Job-Trigger-Portal",
        ...headers,
        ...(bytes !== undefined && { "content-length": String(bytes.length) }),
      },
      ...(isTls && { servername: target.hostname.replace(/^\[|\]$/g, "") }),
    });
    sent.on("error", reject);
    sent.on("response", (answer) => {
      let read = 0;
      let text = "";
      const finish = () => {
        sent.destroy();
        resolve({ status: answer.statusCode ?? 0, beginning: text.replace(/\s+/g, " ").trim().slice(0, MOST_KEPT) });
      };
      answer.setEncoding("utf-8");
      answer.on("data", (chunk: string) => {
        read += chunk.length;
        if (text.length < MOST_KEPT) text += chunk;
        if (read > MOST_READ) finish();
      });
      answer.on("end", finish);
      answer.on("error", reject);
    });
    sent.end(bytes);
  });
}
