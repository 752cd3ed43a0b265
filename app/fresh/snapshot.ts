/**
 * The result of a build: route files, islands, and the files that are served from memory.
 *
 * @module
 */
import type { ComponentType } from "preact";
import { scope } from "./scope.ts";

/** A module of the client bundle. */
export interface Chunk {
  readonly url: string;
  /** Addresses of the modules it imports, for `modulepreload`. */
  readonly imports: readonly string[];
}

/** A file served from memory. */
export interface Asset {
  readonly body: Uint8Array<ArrayBuffer>;
  /** The same compressed with gzip; null where that saves nothing. */
  readonly gzip: Uint8Array<ArrayBuffer> | null;
  readonly type: string;
  /** Changes with the contents. */
  readonly hash: string;
  /** Whether its name changes with its contents. */
  readonly immutable: boolean;
}

/** The result of a build. */
export interface Snapshot {
  /** A hash of the static files. */
  readonly buildId: string;
  /** Paths of the route files below `routes/`, without extension, and what each exports. */
  readonly routes: readonly (readonly [path: string, module: unknown])[];
  /** Island components, and the module that holds each in the browser. */
  readonly islands: ReadonlyMap<ComponentType, Chunk>;
  /** The module that starts the islands of a page; null when there are none. */
  readonly boot: Chunk | null;
  /** By the path of the request. */
  readonly assets: ReadonlyMap<string, Asset>;
}

/** An {@linkcode Asset} whose bodies are in files. */
export interface FileAsset extends Omit<Asset, "body" | "gzip"> {
  readonly file: string;
  readonly gzipFile: string | null;
}

/** A {@linkcode Snapshot} on disk: assets name files, relative to `server.js`. */
export interface Manifest extends Pick<Snapshot, "buildId" | "boot"> {
  readonly chunks: readonly Chunk[];
  readonly assets: readonly (readonly [path: string, asset: FileAsset])[];
}

const snapshots = new WeakMap<object, Snapshot>();
const empty: Snapshot = { buildId: "", routes: [], islands: new Map(), boot: null, assets: new Map() };

/** The snapshot of `app`; an empty one before {@linkcode setSnapshot}. */
export function snapshotOf(app: object): Snapshot {
  return snapshots.get(app) ?? empty;
}

/** Gives `app` its snapshot. Handlers made before keep the old one. */
export function setSnapshot(app: object, snapshot: Snapshot): void {
  scope.buildId = snapshot.buildId;
  snapshots.set(app, snapshot);
}

/** For `_fresh/server.js`: reads the files of the manifest, relative to `base`, and gives the snapshot to `app`. */
export async function restore(app: object, base: string, built: {
  readonly manifest: Manifest;
  readonly routes: Snapshot["routes"];
  /** In the order of the manifest's chunks. */
  readonly islands: readonly ComponentType[];
}): Promise<void> {
  const { buildId, boot, chunks, assets } = built.manifest;
  const readFile = (file: string) => Deno.readFile(new URL(file, base));
  const read = assets.map(async ([path, { file, gzipFile, ...asset }]): Promise<[string, Asset]> => [
    path,
    { ...asset, body: await readFile(file), gzip: gzipFile === null ? null : await readFile(gzipFile) },
  ]);
  const islands = new Map(built.islands.flatMap((component, i) => {
    const chunk = chunks[i];
    return chunk === undefined ? [] : [[component, chunk] as const];
  }));
  setSnapshot(app, { buildId, boot, routes: built.routes, islands, assets: new Map(await Promise.all(read)) });
}
