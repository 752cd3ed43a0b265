import type { Doc, DocGroup, DocSection } from "../format/doc.ts";

/** How many parts of the documentation a search shows. */
const MOST_FOUND = 30;

/** Letters of a part that are shown before and after what was found. */
const AROUND = 90;

/** The pages of the documentation, which come with the build. */
export async function readDocs(): Promise<readonly Doc[]> {
  const { DOCS } = await import("../../_fresh/docs.js");
  return DOCS;
}

/** The pages in the order of `docs/README.md`. */
export async function readDocGroups(): Promise<readonly DocGroup[]> {
  const { DOC_GROUPS } = await import("../../_fresh/docs.js");
  return DOC_GROUPS;
}

/** A part of the documentation that has all words of a search. */
export interface Found {
  readonly doc: Doc;
  readonly section: DocSection;
  /** Its words around the first that was looked for; every second piece is one of those. */
  readonly excerpt: readonly string[];
}

/** The parts that have all words of `asked`, those with them in their heading first; and whether there are more. */
export function searchDocs(
  docs: readonly Doc[],
  asked: string,
): { readonly found: readonly Found[]; readonly hasMore: boolean } {
  const words = asked.toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return { found: [], hasMore: false };
  const parts = docs.flatMap((doc) => doc.sections.map((section) => ({ doc, section })));
  const has = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  const inHeading = parts.filter(({ section }) => has(section.title));
  const inText = parts.filter(({ section }) => !has(section.title) && has(`${section.title} ${section.text}`));
  const all = [...inHeading, ...inText];
  const found = all.slice(0, MOST_FOUND).map((part) => ({ ...part, excerpt: excerptOf(part.section.text, words) }));
  return { found, hasMore: all.length > MOST_FOUND };
}

function excerptOf(text: string, words: readonly string[]): readonly string[] {
  const first = Math.max(0, Math.min(...words.map((word) => text.toLowerCase().indexOf(word)).filter((at) => at >= 0)));
  const from = Number.isFinite(first) ? Math.max(0, first - AROUND) : 0;
  const cut = text.slice(from, from + 3 * AROUND).toWellFormed();
  const shown = `${from > 0 ? "…" : ""}${cut}${from + 3 * AROUND < text.length ? "…" : ""}`;
  // split() by a pattern with a group puts the matches at odd positions.
  return shown.split(new RegExp(`(${words.map((word) => RegExp.escape(word)).join("|")})`, "i"));
}
