/**
 * The documentation as pages of the portal, for machines without a way out: the pages that `docs/README.md` lists become HTML when
 * the portal is built, in a module beside `_fresh/server.js`, so that a running portal needs neither the files nor a parser. What
 * the files hold as HTML is shown as text, and a link to what is no page here is left as its words.
 *
 * @module
 */
import { join } from "node:path/posix";
import { Marked, type RendererObject, type Token, type Tokens } from "marked";
import type { Doc, DocGroup, DocSection } from "./format/doc.ts";

/** The module that the build writes. */
const MODULE = new URL("../_fresh/docs.js", import.meta.url);

const TYPES = ["DOCS: readonly Doc[]", "DOC_GROUPS: readonly DocGroup[]"]
  .map((value) => `export const ${value.replace(/Doc(Group)?\[/, 'import("../app/format/doc.ts").$&')};\n`).join("");

/** The page that the portal draws itself, from the table that answers requests. */
const DRAWN = { "reference/api.md": "/help/api" } as const;

/** Writes the module, from the pages that the index of `folder` lists. */
export async function writeDocs(folder: URL): Promise<void> {
  const groups = parseIndex(await Deno.readTextFile(new URL("README.md", folder)));
  const paths = groups.flatMap(({ entries }) => entries).map(({ path }) => path).filter((path) => !(path in DRAWN));
  const files = await Promise.all(
    paths.map(async (path) => [path, await Deno.readTextFile(new URL(path, folder))] as const),
  );
  const values = { DOCS: renderDocs(files), DOC_GROUPS: groups };
  const lines = Object.entries(values).map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`);
  await Deno.writeTextFile(MODULE, ['// @ts-self-types="./docs.d.ts"\n', ...lines].join(""));
  await Deno.writeTextFile(new URL("docs.d.ts", MODULE), TYPES);
}

/**
 * Reads the index: a heading for each group, and below it a line for each page, `- [Title](path.md): about it.`, where the words
 * after the colon may be missing.
 *
 * @throws {TypeError} for another line in a list
 */
export function parseIndex(text: string): readonly DocGroup[] {
  const [, ...parts] = text.split(/^## /m);
  return parts.map((part) => {
    const [title = "", ...lines] = part.split("\n");
    const entries = lines.join("\n").split(/^- /m).slice(1).map((item) => {
      const [, name, path, about = ""] = /^\[([^\]]+)\]\(([\w./-]+\.md)\)(?:: (.+))?$/s.exec(item.trim()) ?? [];
      if (name === undefined || path === undefined) {
        throw new TypeError(`docs/README.md has no page in "${item.trim()}"`);
      }
      const href = path in DRAWN ? DRAWN["reference/api.md"] : `/help/docs/${slugOf(path)}`;
      return { path, href, title: name, about: capital(about.replace(/\s+/g, " ")) };
    });
    return { title, entries };
  });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Renders files of Markdown, given by their paths from `docs/`. */
export function renderDocs(files: readonly (readonly [path: string, text: string])[]): readonly Doc[] {
  const paths = new Set(files.map(([path]) => path));
  return files.map(([path, text]) => renderDoc(path, text, paths));
}

function slugOf(path: string): string {
  return path.replace(/\.md$/, "").replaceAll("/", "-");
}

function renderDoc(path: string, text: string, paths: ReadonlySet<string>): Doc {
  const marked = new Marked<string, string>({ renderer: rendererFor(path, paths) });
  const [title, ...tokens] = marked.lexer(text);
  if (title?.type !== "heading") throw new TypeError(`docs/${path} does not begin with its title`);
  return {
    slug: slugOf(path),
    title: wordsOf(title),
    html: marked.parser(tokens),
    sections: sectionsOf(wordsOf(title), tokens),
  };
}

function sectionsOf(title: string, tokens: readonly Token[]): readonly DocSection[] {
  const sections: DocSection[] = [];
  let open: DocSection = { id: "", title, level: 1, text: "" };
  for (const token of tokens) {
    if (token.type === "heading") {
      sections.push(open);
      const title = wordsOf(token);
      open = { id: anchorOf(title), title, level: token["depth"], text: "" };
    } else open = { ...open, text: `${open.text} ${wordsOf(token)}`.trim() };
  }
  return [...sections, open];
}

/** A token without its marks. */
function wordsOf({ raw }: Token): string {
  return raw
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/^\s*(?:#+|```\w*|\|?[-| :]+\|)\s*$|^#+\s+|[`*|]+/gm, "")
    .replace(/\s+/g, " ")
    .trim();
}

/** The anchor of a heading, as GitHub makes it, so that links are right there and here. */
function anchorOf(title: string): string {
  return title.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/\s/g, "-");
}

function rendererFor(path: string, paths: ReadonlySet<string>): RendererObject<string, string> {
  let tables = 0;
  return {
    heading({ depth, tokens, raw }: Tokens.Heading): string {
      const words = wordsOf({ type: "heading", raw });
      const id = anchorOf(words);
      const inner = this.parser.parseInline(tokens);
      return `<h${depth} id="${id}">${inner} <a class="anchor" href="#${id}" aria-label="Link to: ${
        escape(words)
      }">#</a></h${depth}>\n`;
    },
    link({ href, tokens }: Tokens.Link): string {
      const inner = this.parser.parseInline(tokens);
      const target = targetOf(href, path, paths);
      return target === null ? inner : `<a href="${escape(target)}">${inner}</a>`;
    },
    image: ({ text }: Tokens.Image) => escape(text),
    html: ({ text }: Tokens.HTML | Tokens.Tag) => escape(text),
    code: ({ text }: Tokens.Code) => `<pre tabindex="0"><code>${escape(text)}</code></pre>\n`,
    table({ header, rows }: Tokens.Table): string {
      const cell = (tag: string) => ({ tokens }: Tokens.TableCell) =>
        `<${tag}>${this.parser.parseInline(tokens)}</${tag.split(" ")[0]}>`;
      const head = header.map(cell(`th scope="col"`)).join("");
      const body = rows.map((row) => `<tr>${row.map(cell("td")).join("")}</tr>`).join("\n");
      return `<div class="scroll" tabindex="0" role="region" aria-label="Table ${++tables}"><table><thead><tr>${head}</tr></thead><tbody>\n` +
        `${body}\n</tbody></table></div>\n`;
    },
  };
}

/** Where a link of the page at `from` leads in the portal; null: to what is not here. */
function targetOf(href: string, from: string, paths: ReadonlySet<string>): string | null {
  if (/^https?:/.test(href) || href.startsWith("#")) return href;
  const [to = "", anchor] = href.split("#");
  const path = join(from, "..", to);
  if (path in DRAWN) return DRAWN["reference/api.md"];
  return paths.has(path) ? `/help/docs/${slugOf(path)}${anchor === undefined ? "" : `#${anchor}`}` : null;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
