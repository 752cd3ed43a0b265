/**
 * What a build gives to an application: route files, islands, and everything that is served from memory.
 *
 * @module
 */

import type { ComponentType } from "preact";
import { scope } from "./scope.ts";

/** A module of the client bundle. */
export interface Chunk {
  /** Where the browser finds it. */
  readonly url: string;
  /** Addresses of all it imports, which the browser should load at the same time. */
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

/** All that a build found and made. */
export interface Snapshot {
  /** Names the static files' contents. */
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

/** A {@linkcode Snapshot} as it is written to disk: assets name files, beside `server.js` or below it. */
export interface Manifest extends Pick<Snapshot, "buildId" | "boot"> {
  readonly chunks: readonly Chunk[];
  readonly assets: readonly (readonly [path: string, asset: FileAsset])[];
}

const snapshots = new WeakMap<object, Snapshot>();
const empty: Snapshot = { buildId: "", routes: [], islands: new Map(), boot: null, assets: new Map() };

/** The snapshot of `app`; an empty one when it was never given one. */
export function snapshotOf(app: object): Snapshot {
  return snapshots.get(app) ?? empty;
}

/** Gives `app` its snapshot. Handlers made before keep the old one. */
export function setSnapshot(app: object, snapshot: Snapshot): void {
  scope.buildId = snapshot.buildId;
  snapshots.set(app, snapshot);
}

/** What `_fresh/server.js` calls: reads the files that `manifest` names, relative to `base`, and gives all to `app`. */
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
