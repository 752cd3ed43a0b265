import { migrations } from "migrations";
import { openSqlite } from "../../shared/store/sqlite/mod.ts";
import type { Store } from "../../shared/store/mod.ts";

/** A store of its own for one test, on a file that goes away with it. */
export interface TestStore extends AsyncDisposable {
  readonly store: Store;
  readonly path: string;
  /** The same for services. */
  readonly url: string;
  /** Opens the same database once more, as another process would; closed with the first. */
  another(): Promise<Store>;
}

/** Opens an empty SQLite store on a temporary file: `await using test = await openTestStore()`. */
export async function openTestStore(): Promise<TestStore> {
  const directory = await Deno.makeTempDir({ prefix: "jobtrigger-" });
  const path = `${directory}/jobs.db`;
  const stores: Store[] = [];
  const another = async () => {
    const store = await openSqlite(path, { migrations });
    stores.push(store);
    return store;
  };
  return {
    store: await another(),
    path,
    url: `sqlite:///${path}`,
    another,
    async [Symbol.asyncDispose]() {
      for (const store of stores) await store.close();
      await Deno.remove(directory, { recursive: true });
    },
  };
}
