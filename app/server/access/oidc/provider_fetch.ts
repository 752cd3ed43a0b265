/**
 * How the portal reaches its identity provider. The rest of the process gives the network up when it listens (`app/serve.ts`), and
 * Deno cannot narrow the network to a host while a process runs. So a thread that may reach the provider's hosts and nothing else
 * sends the requests. Each is bounded in time and in the size of its answer, and follows no redirect.
 *
 * @module
 */

/** Longest time of one request, in milliseconds. */
export const PROVIDER_TIMEOUT_MS = 5000;
/** Longest answer, in bytes: discovery documents and sets of keys have a few thousand. */
const ANSWER_MAX_BYTES = 1_048_576;

/** A request to the provider. */
export interface ProviderRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | null;
}

/** What the provider answers. */
export interface ProviderAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** Sends a request to the provider. @throws {Error} when there is no answer, or none within the bounds. */
export type ProviderFetch = (request: ProviderRequest) => Promise<ProviderAnswer>;

/** What the thread answers to the request with the same number. */
export type ThreadAnswer = { readonly id: number } & ({ readonly answer: ProviderAnswer } | { readonly error: string });

/** Sends a request from this thread. */
export async function fetchFromHere(
  { url, method, headers, body }: ProviderRequest,
  { timeoutMs = PROVIDER_TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): Promise<ProviderAnswer> {
  const init = { method, headers: headers.map(([name, value]): [string, string] => [name, value]), body };
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, { ...init, redirect: "manual", signal });
  const decoder = new TextDecoder();
  let [text, length] = ["", 0];
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > ANSWER_MAX_BYTES) throw new RangeError(`The answer is larger than ${ANSWER_MAX_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return { status: response.status, headers: [...response.headers], body: text + decoder.decode() };
}

/** Starts the thread that sends requests to `hosts`, each with its port, and nowhere else. It reads its code now and nothing later. */
export async function startProviderThread(hosts: readonly string[]): Promise<ProviderFetch> {
  const none = { env: false, ffi: false, import: false, read: false, run: false, sys: false, write: false } as const;
  const thread = new Worker(new URL("./provider_thread.ts", import.meta.url), {
    type: "module",
    name: "identity provider",
    deno: { permissions: { ...none, net: [...hosts] } },
  });
  const waiting = new Map<number, (answer: ThreadAnswer) => void>();
  let last = 0;
  await new Promise<void>((resolve, reject) => {
    thread.onmessage = () => resolve();
    thread.onerror = ({ message }) =>
      reject(new Error(`The thread for the identity provider cannot start: ${message}`));
  });
  thread.onmessage = ({ data }: MessageEvent<ThreadAnswer>) => {
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  };
  return async (request) => {
    const id = last += 1;
    const found = await new Promise<ThreadAnswer>((resolve) => {
      waiting.set(id, resolve);
      thread.postMessage({ id, request });
    });
    if ("error" in found) throw new Error(found.error);
    return found.answer;
  };
}
