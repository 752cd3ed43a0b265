/**
 * The thread that sends the portal's requests to its identity provider: see `provider_fetch.ts`.
 *
 * @module
 */
import { fetchFromHere, type ProviderRequest, type ThreadAnswer } from "./provider_fetch.ts";

addEventListener(
  "message",
  async ({ data }: MessageEvent<{ readonly id: number; readonly request: ProviderRequest }>) => {
    const { id, request } = data;
    try {
      say({ id, answer: await fetchFromHere(request) });
    } catch (error) {
      say({ id, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
    }
  },
);

function say(answer: ThreadAnswer | "ready"): void {
  postMessage(answer);
}

say("ready");
