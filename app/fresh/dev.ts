import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { App, type ListenOptions } from "./app.ts";
import {
  buildClient,
  type BuildOptions,
  type Client,
  modulesIn,
  type OnTransformOptions,
  resolveConfig,
  type ResolvedBuildConfig,
  specifier,
  type Transformer,
  type TransformFn,
} from "./build.ts";
import { type Manifest, setSnapshot, type Snapshot } from "./snapshot.ts";

export type { BuildOptions, OnTransformOptions, ResolvedBuildConfig, TransformFn } from "./build.ts";

/** Serves an application from its source, or builds it. Needs `--unstable-bundle`. */
export class Builder {
  /** The settings in use. */
  readonly config: ResolvedBuildConfig;
  readonly #transformers: Transformer[] = [];

  constructor(options: BuildOptions = {}) {
    this.config = resolveConfig(options);
  }

  /** Changes the static files that `options.filter` matches. */
  onTransformStaticFile(options: OnTransformOptions, transform: TransformFn): void {
    this.#transformers.push({ options, transform });
  }

  /** Builds in memory and serves the app that `importApp` exports. Deno's `--watch` restarts it after a change. */
  async listen<State>(
    importApp: () => Promise<{ app: App<State> } | App<State>>,
    options?: ListenOptions,
  ): Promise<void> {
    const found = await importApp();
    const app = found instanceof App ? found : found.app;
    (await this.build<State>({ mode: "development", snapshot: "memory" }))(app);
    await app.listen(options);
  }

  /**
   * Builds, on disk or in memory. The returned function gives a build in memory to an application. For a build on disk,
   * `_fresh/server.js` gives it to the `app` of `main.ts` and exports `{ fetch }` as default.
   */
  async build<State>(
    options: { mode?: "development" | "production"; snapshot?: "disk" | "memory" } = {},
  ): Promise<(app: App<State>) => void> {
    const { mode = "production", snapshot = "disk" } = options;
    const islands = await modulesIn(this.config.islandDir);
    const routes = await modulesIn(this.config.routeDir);
    if (snapshot === "disk") {
      await Deno.remove(join(this.config.outDir, "static"), { recursive: true }).catch(ignoreMissing);
    }
    const client = await buildClient(this.config, islands, this.#transformers);
    if (snapshot === "disk") await write(this.config, client, islands, routes);
    const built = snapshot === "memory" ? await this.#load(client, islands, routes) : null;
    return (app) => {
      app.config.root = this.config.root;
      app.config.mode = mode;
      if (built === null) throw new TypeError(`Cannot use a build on disk so: run ${this.config.outDir}/server.js`);
      setSnapshot(app, built);
    };
  }

  async #load(client: Client, islands: readonly string[], routes: readonly string[]): Promise<Snapshot> {
    const load = (dir: string, path: string) => import(pathToFileURL(join(dir, path)).href);
    const components = await Promise.all(islands.map((path) => load(this.config.islandDir, path)));
    return {
      ...client,
      islands: new Map(client.chunks.map((chunk, i) => [components[i].default, chunk])),
      routes: await Promise.all(
        routes.map(async (path) => [nameOf(path), await load(this.config.routeDir, path)] as const),
      ),
    };
  }
}

/** The types of `server.js`, so that a check of its importer does not check all routes again. */
const TYPES = `declare const built: { fetch(req: Request, info?: Deno.ServeHandlerInfo): Promise<Response> };
export default built;
`;

/** Writes the files and `server.js`, which serves them. It imports all routes and islands, so `deno compile` finds them. */
async function write(
  { outDir, routeDir, islandDir, serverEntry }: ResolvedBuildConfig,
  client: Client,
  islands: readonly string[],
  routes: readonly string[],
): Promise<void> {
  const assets: Manifest["assets"][number][] = [];
  for (const [path, { body, gzip, ...asset }] of client.assets) {
    const file = `./static${path}`;
    const gzipFile = gzip === null ? null : `${file}.gz`;
    await Deno.mkdir(join(outDir, file, ".."), { recursive: true });
    await Deno.writeFile(join(outDir, file), body);
    if (gzip !== null && gzipFile !== null) await Deno.writeFile(join(outDir, gzipFile), gzip);
    assets.push([path, { ...asset, file, gzipFile }]);
  }
  const manifest: Manifest = {
    buildId: client.buildId,
    boot: client.boot,
    chunks: client.chunks,
    assets,
  };
  const from = (path: string) => JSON.stringify(specifier(outDir, path));
  const lines = [
    `// @ts-self-types="./server.d.ts"`,
    `import { app } from ${from(serverEntry)};`,
    `import { restore } from ${from(join(import.meta.dirname ?? "", "snapshot.ts"))};`,
    ...routes.map((path, i) => `import * as route${i} from ${from(join(routeDir, path))};`),
    ...islands.map((path, i) => `import island${i} from ${from(join(islandDir, path))};`),
    `const manifest = ${JSON.stringify(manifest)};`,
    `const routes = [${routes.map((path, i) => `[${JSON.stringify(nameOf(path))}, route${i}]`).join(", ")}];`,
    `const islands = [${islands.map((_, i) => `island${i}`).join(", ")}];`,
    `await restore(app, import.meta.url, { manifest, routes, islands });`,
    `export default { fetch: app.handler() };`,
  ];
  await Deno.writeTextFile(join(outDir, "server.js"), `${lines.join("\n")}\n`);
  await Deno.writeTextFile(join(outDir, "server.d.ts"), TYPES);
}

function nameOf(path: string): string {
  return path.replace(/\.\w+$/, "");
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
