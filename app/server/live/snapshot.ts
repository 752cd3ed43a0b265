/**
 * The live regions of a page at one moment, and what has to be sent to who has those of the moment before.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { LiveRegion, LiveUpdate } from "../../format/live_update.ts";
import { cutRegions, type Region, type Row } from "./cut.ts";

/** Texts from this length on are compressed. */
const COMPRESS_FROM = 1000;

/** The live regions of a page as they were rendered. */
export interface Snapshot {
  /** The same for the same content. */
  readonly etag: string;
  readonly regions: ReadonlyMap<string, Region>;
  /** Rows that were asked for and are not there any more. */
  readonly gone: readonly string[];
}

/** Takes the snapshot of a page, which was asked for the rows `also` beside those of its list. */
export function snapshotOf(html: string, also: readonly string[] = []): Snapshot {
  const regions = cutRegions(html);
  const rows = new Set([...regions.values()].flatMap(({ listed, left }) => [...listed.keys(), ...left.keys()]));
  const gone = also.filter((key) => !rows.has(key));
  const hash = createHash("sha256");
  for (const [name, { content, left }] of regions) {
    hash.update(`${name}\n${content}\n${[...left].map(([key, row]) => `${key}\n${row.content}`).join("\n")}\n`);
  }
  return { etag: hash.update(gone.join()).digest("base64url").slice(0, 12), regions, gone };
}

/** The rows of all lists that can be asked for by `?also=`: those that are listed, and those that have left. */
export function followedRows({ regions }: Snapshot, which: "listed" | "left"): ReadonlyMap<string, Row> {
  return new Map([...regions.values()].filter(({ isFollowed }) => isFollowed).flatMap((region) => [...region[which]]));
}

/** All of a snapshot, as an update. */
export function wholeUpdate({ regions, gone }: Snapshot): string {
  const all = Object.fromEntries([...regions].map(([name, { html }]): [string, LiveRegion] => [name, { html }]));
  return written({ regions: all, gone });
}

/** What has changed since an earlier snapshot, as an update. */
export function changesSince(before: Snapshot, { regions, gone }: Snapshot): string {
  const changed: Record<string, LiveRegion> = {};
  for (const [name, region] of regions) {
    const update = changeOf(before.regions.get(name), region);
    if (update !== null) changed[name] = update;
  }
  return written({ regions: changed, gone: gone.filter((key) => !before.gone.includes(key)) });
}

/** What has changed in a region. New rows are named, not sent: they are shown when somebody asks for them. */
function changeOf(before: Region | undefined, now: Region): LiveRegion | null {
  if (before === undefined || before.frame !== now.frame) return { html: now.html };
  const known = new Map([...before.left, ...before.listed]);
  const rows: Record<string, string> = {};
  for (const [key, row] of [...now.left, ...now.listed]) {
    const old = known.get(key);
    if (old !== undefined && old.content !== row.content) rows[key] = row.html;
  }
  const [was, is] = [[...before.listed.keys()], [...now.listed.keys()]];
  const isReordered = was.join() !== is.join();
  if (!isReordered && Object.keys(rows).length === 0) return null;
  return { rows, ...(isReordered && { keys: is }) };
}

/** An update as the text of an event: JSON; a long one compressed with gzip, in base64. */
function written(update: LiveUpdate): string {
  const text = JSON.stringify(update);
  return text.length < COMPRESS_FROM ? text : gzipSync(text).toString("base64");
}
