/**
 * Renders a page to HTML, without waiting.
 *
 * An island is a component for which the snapshot has a browser module. Its HTML stands between the comments `fi:N` and
 * `/fi:N`, where N is its number in the page. JSX among its properties is a slot, between `fs:N` and `/fs:N`; a slot that the
 * island does not show stands in a `<template>`, because the browser may show it later. An island inside an island has no
 * comments of its own; an island in a slot has. At the end of the page, one script imports the islands and starts them with
 * their properties (`props.ts`).
 *
 * @module
 */
import {
  type ComponentChildren,
  type ComponentType,
  createContext,
  Fragment,
  h,
  isValidElement,
  options,
  toChildArray,
  type VNode,
} from "preact";
import { useContext } from "preact/hooks";
import { jsxTemplate } from "preact/jsx-runtime";
import { renderToString } from "preact-render-to-string";
import { Signal } from "@preact/signals-core";
import { Encoder, type Payload, scriptString, SlotRef } from "./props.ts";
import { scope } from "./scope.ts";
import type { Chunk, Snapshot } from "./snapshot.ts";

type Props = Record<string, unknown>;

/** A page while it is rendered. */
export class Page {
  /** Allows this page's own scripts and styles. */
  readonly nonce: string = crypto.randomUUID().replaceAll("-", "");
  /** Value of the `Link` header, empty without islands. */
  link = "";
  readonly #snapshot: Snapshot;
  readonly #head: VNode[] = [];
  #title: VNode | null = null;
  readonly #slots: { readonly content: ComponentChildren; isRendered: boolean }[] = [];
  readonly #islands: { readonly component: ComponentType; readonly props: Props }[] = [];

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  /** Renders a part of the page. */
  render(children: ComponentChildren): string {
    const outer = current;
    current = scope.page = this;
    try {
      return joined(renderToString(h(Fragment, null, children)));
    } finally {
      current = scope.page = outer;
    }
  }

  /** Completes the page's `html` with the children of `<Head>`, and the script. */
  finish(html: string): string {
    let whole = html;
    if (!/^\s*<html/i.test(html)) whole = `<html><head><meta charset="utf-8"></head><body>${html}</body></html>`;
    // What is left may add to the head. Both places are found in one text: each that is put together is copied to be searched.
    const tail = this.#tail();
    const headEnd = whole.indexOf("</head>");
    const bodyEnd = whole.lastIndexOf("</body>");
    const [from, to] = [Math.max(0, headEnd), bodyEnd < 0 ? whole.length : bodyEnd];
    const head = headEnd < 0 ? "" : this.#completeHead(whole.slice(0, headEnd));
    return `<!DOCTYPE html>${head}${whole.slice(from, to)}${tail}${whole.slice(to)}`;
  }

  addHead(children: ComponentChildren): void {
    for (const child of toChildArray(children)) {
      if (!isValidElement(child)) continue;
      if (child.type === "title") this.#title = child;
      else this.#head.push(child);
    }
  }

  /** The browser module of `component`; undefined when it is no island. */
  chunkOf(component: ComponentType): Chunk | undefined {
    return this.#snapshot.islands.get(component);
  }

  /** Notes an island and returns its number in the page. */
  addIsland(component: ComponentType, props: Props): number {
    return this.#islands.push({ component, props }) - 1;
  }

  /** Notes a slot and returns its number in the page. */
  addSlot(content: ComponentChildren): number {
    return this.#slots.push({ content, isRendered: false }) - 1;
  }

  /** Notes that the island shows slot `id`. */
  renderedSlot(id: number): void {
    const slot = this.#slots[id];
    if (slot !== undefined) slot.isRendered = true;
  }

  #completeHead(head: string): string {
    if (this.#head.length === 0 && this.#title === null) return head;
    const kept = this.#title === null ? head : head.replace(/<title>[^<]*<\/title>/, "");
    return kept + this.render([this.#title, this.#head]);
  }

  #tail(): string {
    let templates = "";
    // Rendering a slot may add islands, and with them more slots.
    for (let id = 0; id < this.#slots.length; id++) {
      const slot = this.#slots[id];
      if (slot === undefined || slot.isRendered) continue;
      templates += `<template data-fs>${this.render(h(Slot, { id }, slot.content))}</template>`;
    }
    return templates + this.#script();
  }

  #script(): string {
    const { boot } = this.#snapshot;
    if (boot === null || this.#islands.length === 0) return "";
    const encoder = new Encoder();
    const components = [...new Set(this.#islands.map((island) => island.component))];
    const chunks = components.flatMap((component) => this.chunkOf(component) ?? []);
    const payload: Payload = {
      islands: this.#islands.map(({ component, props }) => [
        components.indexOf(component),
        encoder.props(component.displayName ?? component.name, props),
      ]),
      signals: encoder.signals,
    };
    const urls = new Set([boot, ...chunks].flatMap((chunk) => [chunk.url, ...chunk.imports]));
    this.link = [...urls].map((url) => `<${url}>; rel="modulepreload"; as="script"`).join(", ");
    const imports = chunks.map((chunk, i) => `import i${i} from"${chunk.url}";`).join("");
    const names = chunks.map((_, i) => `i${i}`).join();
    return `<script type="module" nonce="${this.nonce}">import{boot}from"${boot.url}";${imports}` +
      `boot([${names}],${scriptString(JSON.stringify(payload))})</script>`;
  }
}

/**
 * A text in one piece. V8 keeps a text that was put together as a tree of its pieces, ten times as large as a list's page itself, until
 * somebody searches it; as long as it lives, each collection of garbage copies the tree. NUL has no meaning in HTML.
 */
function joined(text: string): string {
  return text.includes("\0") ? text.replaceAll("\0", "\uFFFD") : text;
}

let current: Page | null = null;
const Inside = createContext(false);
const hosts = new WeakMap<ComponentType, ComponentType>();
const marked = new WeakSet<VNode>();

/** Renders an island between its comments, unless it is inside another. */
function hostOf(component: ComponentType): ComponentType {
  const known = hosts.get(component);
  if (known !== undefined) return known;
  const host = (props: Props): VNode => {
    const page = current;
    const inside = useContext(Inside);
    const sent: Props = {};
    const given: Props = {};
    for (const [name, value] of Object.entries(props)) {
      const id = !inside && page !== null && holdsJsx(value) ? page.addSlot(toChildren(value)) : null;
      sent[name] = id === null ? value : new SlotRef(id);
      given[name] = id === null ? value : h(Slot, { id }, toChildren(value));
    }
    const island = h(component, given);
    marked.add(island);
    if (inside || page === null) return island;
    const id = page.addIsland(component, sent);
    return jsxTemplate([`<!--fi:${id}-->`, `<!--/fi:${id}-->`], h(Inside.Provider, { value: true }, island));
  };
  hosts.set(component, host);
  return host;
}

function Slot({ id, children }: { id: number; children?: ComponentChildren }): VNode {
  current?.renderedSlot(id);
  return jsxTemplate([`<!--fs:${id}-->`, `<!--/fs:${id}-->`], h(Inside.Provider, { value: false }, children));
}

/** Whether a property holds JSX. A signal passes for an element, so it is excluded. */
function holdsJsx(value: unknown): boolean {
  return (isValidElement(value) && !(value instanceof Signal)) || (Array.isArray(value) && value.some(holdsJsx));
}

function toChildren(value: unknown): ComponentChildren {
  return Array.isArray(value)
    ? value.map(toChildren)
    : isValidElement(value) || typeof value === "string"
    ? value
    : null;
}

/** Preact calls this before it renders an element: islands get their host, scripts and styles the nonce. */
function visit(vnode: VNode, page: Page): void {
  const { type } = vnode;
  if (typeof type === "function") {
    if (page.chunkOf(type) !== undefined && !marked.has(vnode)) vnode.type = hostOf(type);
  } else if ((type === "script" || type === "style") && !("nonce" in vnode.props)) {
    Object.assign(vnode.props, { nonce: page.nonce });
  }
}

// Of JSX that was compiled to texts. What `aria-*` and `data-*` say is a word, "false" too, as `renderToString()` has it.
const { attr } = options;
options.attr = (name, value) =>
  typeof value === "boolean" && /^(?:aria|data)-/.test(name) ? `${name}="${value}"` : attr?.(name, value);

// `__b` is the hook's name in Preact 10's published files; it has no public one.
const before: unknown = Reflect.get(options, "__b");
Reflect.set(options, "__b", (vnode: VNode) => {
  if (current !== null) visit(vnode, current);
  if (typeof before === "function") before(vnode);
});
