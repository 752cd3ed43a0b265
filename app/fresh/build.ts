/**
 * Finds the files of an application, and bundles its islands for the browser.
 *
 * @module
 */
import { basename, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { constants, gzipSync } from "node:zlib";
import type { Asset, Chunk } from "./snapshot.ts";

/** The directories of an application and of its build. */
export interface BuildOptions {
  /** The application's directory; default: the current one. */
  root?: string;
  /** The build's directory, relative to `root`; default: `_fresh`. */
  outDir?: string;
}

/** The absolute paths of an application's parts, and of its build. */
export interface ResolvedBuildConfig {
  readonly root: string;
  readonly outDir: string;
  readonly staticDir: string;
  readonly islandDir: string;
  readonly routeDir: string;
  /** The module that exports `app`. */
  readonly serverEntry: string;
}

/** Resolves the paths. */
export function resolveConfig({ root = ".", outDir = "_fresh" }: BuildOptions): ResolvedBuildConfig {
  const base = resolve(root);
  const [staticDir, islandDir, routeDir] = [join(base, "static"), join(base, "islands"), join(base, "routes")];
  return {
    root: base,
    outDir: resolve(base, outDir),
    staticDir,
    islandDir,
    routeDir,
    serverEntry: join(base, "main.ts"),
  };
}

/** Paths of the files below `dir`, relative to it and sorted, without names that start with a dot. */
async function filesIn(dir: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const entry of Deno.readDir(dir)) {
      if (entry.name.startsWith(".")) continue;
      if (entry.isDirectory) {
        found.push(...(await filesIn(join(dir, entry.name))).map((path) => `${entry.name}/${path}`));
      } else found.push(entry.name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort();
}

/** Paths of the modules below `dir`. */
export async function modulesIn(dir: string): Promise<string[]> {
  return (await filesIn(dir)).filter((path) => /\.[jt]sx?$/.test(path));
}

/** The static files that a transformer changes. */
export interface OnTransformOptions {
  pluginName: string;
  /** Matches a file's absolute path. */
  filter: RegExp;
}

/** Takes a static file (absolute path and text) and returns its new content. */
export type TransformFn = (args: { path: string; text: string }) => Promise<{ content: string }>;

/** A transformer and its files. */
export interface Transformer {
  readonly options: OnTransformOptions;
  readonly transform: TransformFn;
}

/** The files for the browser, and the modules of the islands among them. */
export interface Client {
  readonly buildId: string;
  readonly boot: Chunk | null;
  /** In the order of the islands. */
  readonly chunks: readonly Chunk[];
  readonly assets: ReadonlyMap<string, Asset>;
}

/**
 * Bundles `islands` (paths below `config.islandDir`), reads the static files and transforms them. Writes only below
 * `config.outDir`.
 */
export async function buildClient(
  config: ResolvedBuildConfig,
  islands: readonly string[],
  transformers: readonly Transformer[],
): Promise<Client> {
  const assets = new Map<string, Asset>();
  for (const path of await filesIn(config.staticDir)) {
    const body = await transformed(join(config.staticDir, path), transformers);
    assets.set(`/${path}`, await assetOf(path, body, false));
  }
  const hashes = [...assets].map(([path, { hash }]) => `${path} ${hash}`);
  const buildId = await hashOf(new TextEncoder().encode(hashes.join("\n")));
  if (islands.length === 0) return { buildId, boot: null, chunks: [], assets };

  const bundle = await bundleIslands(config, islands, buildId);
  for (const [path, body] of bundle.files) assets.set(path, await assetOf(path, body, true));
  const [boot = null, ...chunks] = bundle.entries;
  return { buildId, boot, chunks, assets };
}

async function transformed(path: string, transformers: readonly Transformer[]): Promise<Uint8Array<ArrayBuffer>> {
  let body = await Deno.readFile(path);
  for (const { options: { filter }, transform } of transformers) {
    if (!filter.test(path)) continue;
    const { content } = await transform({ path, text: new TextDecoder().decode(body) });
    body = new TextEncoder().encode(content);
  }
  return body;
}

const PREFIX = "/_fresh/js/";

interface Bundle {
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** The boot module, then the islands. */
  readonly entries: readonly Chunk[];
}

/** Bundles one small entry module for each island, so that all bundles are in one directory under chosen names. */
async function bundleIslands(
  config: ResolvedBuildConfig,
  islands: readonly string[],
  buildId: string,
): Promise<Bundle> {
  const here = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const sources = new Map([
    [
      "boot",
      `import { scope } from ${here("./scope.ts")};\nscope.buildId = "${buildId}";\nexport { boot } from ${
        here("./client.ts")
      };\n`,
    ],
    ...islands.map((path): [string, string] => [
      `island-${path.replace(/\.\w+$/, "").replaceAll("/", "_")}`,
      `export { default } from ${JSON.stringify(pathToFileURL(join(config.islandDir, path)).href)};\n`,
    ]),
  ]);
  await Deno.mkdir(config.outDir, { recursive: true });
  const dir = await Deno.makeTempDir({ dir: config.outDir, prefix: "entries-" });
  try {
    const entrypoints = [...sources.keys()].map((name) => join(dir, `${name}.ts`));
    for (const [name, source] of sources) await Deno.writeTextFile(join(dir, `${name}.ts`), source);
    const result = await Deno.bundle({
      entrypoints,
      outputDir: dir,
      codeSplitting: true,
      platform: "browser",
      format: "esm",
      minify: true,
      write: false,
    });
    if (!result.success) {
      throw new Error(`Cannot bundle the islands: ${result.errors.map((error) => error.text).join("; ")}`);
    }
    return await nameEntries(result.outputFiles ?? [], [...sources.keys()]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Puts a hash into the names of the entries; the bundler gives one to the shared files. */
async function nameEntries(outputs: readonly Deno.bundle.OutputFile[], names: readonly string[]): Promise<Bundle> {
  const bodies = new Map(outputs.map((output) => [basename(output.path), output.contents ?? new Uint8Array()]));
  const importsOf = (name: string, seen = new Set<string>()): Set<string> => {
    const source = new TextDecoder().decode(bodies.get(name));
    for (const [, imported = ""] of source.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) {
      if (!seen.has(imported)) importsOf(imported, seen.add(imported));
    }
    return seen;
  };
  const files = new Map([...bodies].map(([name, body]) => [PREFIX + name, body]));
  const entries: Chunk[] = [];
  for (const name of names) {
    const body = bodies.get(`${name}.js`);
    if (body === undefined) throw new Error(`Cannot find ${name}.js in the bundle`);
    const url = `${PREFIX}${name}-${await hashOf(body)}.js`;
    files.delete(`${PREFIX}${name}.js`);
    files.set(url, body);
    entries.push({ url, imports: [...importsOf(`${name}.js`)].map((imported) => PREFIX + imported) });
  }
  return { files, entries };
}

/** A module specifier for `path` in a file of `dir`. */
export function specifier(dir: string, path: string): string {
  const way = relative(dir, path).replaceAll("\\", "/");
  return way.startsWith(".") ? way : `./${way}`;
}

const types: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  ico: "image/x-icon",
  jpg: "image/jpeg",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
  webmanifest: "application/manifest+json",
  webp: "image/webp",
  woff2: "font/woff2",
};

async function assetOf(path: string, body: Uint8Array<ArrayBuffer>, immutable: boolean): Promise<Asset> {
  const type = types[path.slice(path.lastIndexOf(".") + 1).toLowerCase()] ?? "application/octet-stream";
  const gzip = gzipSync(body, { level: constants.Z_BEST_COMPRESSION });
  const isSmaller = gzip.length < 0.9 * body.length;
  return { body, gzip: isSmaller ? new Uint8Array(gzip) : null, type, hash: await hashOf(body), immutable };
}

/** The first 80 bits of the SHA-256 of `body`, in hexadecimal. */
async function hashOf(body: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", body)).slice(0, 10).toHex();
}
