/**
 * The documentation as pages of the portal, for machines without a way out: `docs/*.md` become HTML when the portal is built, in a
 * module beside `_fresh/server.js`, so that a running portal needs neither the files nor a parser. What the files hold as HTML is
 * shown as text, and a link to what is no page here is left as its words.
 *
 * @module
 */
import { Marked, type RendererObject, type Token, type Tokens } from "marked";
import type { Doc, DocSection } from "./format/doc.ts";

/** The module that the build writes. */
const MODULE = new URL("../_fresh/docs.js", import.meta.url);

const TYPES = `export const DOCS: readonly import("../app/format/doc.ts").Doc[];\n`;

/** Writes the module, from all of `docs/`. */
export async function writeDocs(folder: URL): Promise<void> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).filter(({ isFile }) => isFile).map(({ name }) => name);
  const files = await Promise.all(
    names.toSorted().map(async (name) => [name, await Deno.readTextFile(new URL(name, folder))] as const),
  );
  const lines = ['// @ts-self-types="./docs.d.ts"', `export const DOCS = ${JSON.stringify(renderDocs(files))};`, ""];
  await Deno.writeTextFile(MODULE, lines.join("\n"));
  await Deno.writeTextFile(new URL("docs.d.ts", MODULE), TYPES);
}

/** Renders files of Markdown, given by their names. */
export function renderDocs(files: readonly (readonly [name: string, text: string])[]): readonly Doc[] {
  const slugs = new Set(files.map(([name]) => slugOf(name)));
  return files.map(([name, text]) => renderDoc(slugOf(name), text, slugs));
}

function slugOf(name: string): string {
  return name.replace(/\.md$/, "");
}

function renderDoc(slug: string, text: string, slugs: ReadonlySet<string>): Doc {
  const marked = new Marked<string, string>({ renderer: rendererFor(slugs) });
  const [title, ...tokens] = marked.lexer(text);
  if (title?.type !== "heading") throw new TypeError(`docs/${slug}.md does not begin with its title`);
  const first = tokens.find(({ type }) => type === "paragraph");
  return {
    slug,
    title: wordsOf(title),
    about: /^.*?[.:](?=\s|$)/.exec(wordsOf(first ?? title))?.[0].replace(/:$/, ".") ?? wordsOf(first ?? title),
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

function rendererFor(slugs: ReadonlySet<string>): RendererObject<string, string> {
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
      const target = targetOf(href, slugs);
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

/** Where a link leads in the portal; null: to what is not here. */
function targetOf(href: string, slugs: ReadonlySet<string>): string | null {
  if (/^https?:/.test(href) || href.startsWith("#")) return href;
  const [, slug = "", anchor = ""] = /^([\w-]+)\.md(#[\w-]+)?$/.exec(href) ?? [];
  return slugs.has(slug) ? `/help/docs/${slug}${anchor}` : null;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
