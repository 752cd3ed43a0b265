/**
 * A thread with a pooler for each database, which tests use one after another: what a test opens in its own thread has to end with
 * it, and new connections of a pooler take the server longer than most tests.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { type OptionsPolicy, PostgresPooler } from "./postgres_pooler.ts";

/** Asks for a pooler before the database at `url`. The answer is its URL. */
export interface PoolerRequest {
  readonly url: string;
  readonly options: OptionsPolicy;
}

const poolers = new Map<string, Promise<PostgresPooler>>();

async function answer({ url, options }: PoolerRequest): Promise<void> {
  const key = `${options} ${url}`;
  const pooler = poolers.get(key) ?? PostgresPooler.start(url, options);
  poolers.set(key, pooler);
  self.postMessage((await pooler).url);
}

self.addEventListener("message", ({ data }) => void answer(data));
