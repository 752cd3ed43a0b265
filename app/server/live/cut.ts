/**
 * Cuts the live regions out of a page's HTML: elements with `data-live`, and in them rows with `data-row`.
 *
 * It reads the HTML that Preact writes, in which `<` and `"` stand for themselves nowhere else: a tag is found by these alone.
 * Comments, which only mark islands, are left out. Two things may differ between two renderings of the same state and do not count:
 * the words of a time that the page itself keeps, and the idempotency keys of forms.
 *
 * @module
 */

/** An element: its HTML, and the same without what does not count. */
export interface Cut {
  readonly html: string;
  readonly content: string;
}

/** A row of a region. */
export interface Row extends Cut {
  /** Whether it can never change again: `data-final`. */
  readonly isFinal: boolean;
}

/** A live region. */
export interface Region extends Cut {
  /** The content without its rows. */
  readonly frame: string;
  /** The rows of the list itself, in its order. */
  readonly listed: ReadonlyMap<string, Row>;
  /** Rows that have left the list, which were asked for by `?also=`. */
  readonly left: ReadonlyMap<string, Row>;
  /** Whether rows that leave the list can be asked for: `data-follow`. */
  readonly isFollowed: boolean;
}

const COMMENTS = /<!--.*?-->/gs;
const OWN_TIMES = /(<time\b(?:[^">]|"[^"]*")*\sdata-(?:relative|running)\b(?:[^">]|"[^"]*")*>)[^<]*/g;
const KEYS = /<(?:input|button)\b(?:[^">]|"[^"]*")*\sname="key"(?:[^">]|"[^"]*")*>/g;

/** Elements without an end. */
const VOID = /^(?:link|meta|input|img|br|hr)$/;

/** The live regions of a page, by name. */
export function cutRegions(page: string): ReadonlyMap<string, Region> {
  const regions = new Map<string, Region>();
  for (const { name, html } of elementsWith(page, "data-live")) {
    regions.set(name, regionOf(html.replaceAll(COMMENTS, "")));
  }
  return regions;
}

function regionOf(html: string): Region {
  const rows = elementsWith(html, "data-row");
  const left = new Map<string, Row>();
  const listed = new Map<string, Row>();
  const [leftFrom = html.length] = elementsWith(html, "data-left").map(({ at }) => at);
  let frame = "";
  let end = 0;
  for (const { name, html: row, at } of rows) {
    frame += html.slice(end, at);
    end = at + row.length;
    (at < leftFrom ? listed : left).set(name, {
      html: row,
      content: contentOf(row),
      isFinal: /\sdata-final\b/.test(tagOf(row)),
    });
  }
  frame = contentOf(frame + html.slice(end));
  const content = [frame, ...[...listed].map(([name, row]) => `${name}\n${row.content}`)].join("\n");
  return { html, content, frame, listed, left, isFollowed: /\sdata-follow\b/.test(tagOf(html)) };
}

function contentOf(html: string): string {
  return html.replaceAll(OWN_TIMES, "$1").replaceAll(KEYS, (tag) => tag.replace(/\svalue="[^"]*"/, ""));
}

interface Element {
  /** The value of the attribute by which it was found. */
  readonly name: string;
  readonly html: string;
  readonly at: number;
}

/** The outermost elements with an attribute. */
function elementsWith(html: string, attribute: string): readonly Element[] {
  const found: Element[] = [];
  const mark = new RegExp(`\\s${attribute}(?:="([^"]*)")?(?=[\\s/>])`, "g");
  for (let match = mark.exec(html); match !== null; match = mark.exec(html)) {
    const at = html.lastIndexOf("<", match.index);
    const end = endOf(html, at);
    found.push({ name: unescaped(match[1] ?? ""), html: html.slice(at, end), at });
    mark.lastIndex = end;
  }
  return found;
}

/** The start tag of an element. */
function tagOf(html: string): string {
  return /^<(?:[^">]|"[^"]*")*>/.exec(html)?.[0] ?? "";
}

/** Where the element that begins at `at` ends. */
function endOf(html: string, at: number): number {
  const name = /^<([\w-]+)/.exec(html.slice(at, at + 50))?.[1] ?? "";
  const tags = new RegExp(`<(/?)${name}(?![\\w-])(?:[^">]|"[^"]*")*>`, "g");
  tags.lastIndex = at;
  let depth = 0;
  for (let tag = tags.exec(html); tag !== null; tag = tags.exec(html)) {
    if (tag[1] === "/") depth--;
    else if (!VOID.test(name) && !tag[0].endsWith("/>")) depth++;
    if (depth === 0) return tags.lastIndex;
  }
  return html.length;
}

function unescaped(value: string): string {
  return value.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&amp;", "&");
}
