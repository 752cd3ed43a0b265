/**
 * Starts the islands of a page in the browser. `render.ts` marks them in the HTML, `props.ts` writes their properties.
 *
 * The HTML of a slot is read back into JSX, so that an island can remove it from the page and show it again. An island in a
 * slot becomes part of the tree of the island around it.
 *
 * @module
 */

import { type Signal, signal } from "@preact/signals-core";
import { type ComponentChild, type ComponentType, type ContainerNode, Fragment, h, hydrate, type VNode } from "preact";
import type { Payload, Wire } from "./props.ts";

type Props = Record<string, unknown>;

/** Hydrates the islands of the page: `payload` names the component and properties of each. */
export function boot(components: readonly ComponentType<Props>[], payload: string): void {
  const written: Payload = JSON.parse(payload);
  const page = new Page(components, written);
  // Read all islands before the first starts, because starting one removes comments.
  for (const [vnode, root] of page.outermost()) hydrate(vnode, root);
}

class Page {
  readonly #components: readonly ComponentType<Props>[];
  readonly #payload: Payload;
  readonly #signals: Signal<unknown>[] = [];
  readonly #slots = new Map<string, Comment>();
  readonly #islands: Comment[] = [];

  constructor(components: readonly ComponentType<Props>[], payload: Payload) {
    this.#components = components;
    this.#payload = payload;
    this.#scan(document.body, true);
    for (const template of document.querySelectorAll<HTMLTemplateElement>("template[data-fs]")) {
      this.#scan(template.content, false);
    }
  }

  /** The islands that are in no other, each with its part of the document. */
  outermost(): [VNode<Props>, ContainerNode][] {
    return this.#islands.map((start) => [this.#island(start), new Range(start, endOf(start))]);
  }

  /** Finds the slots below `root`, and the outermost islands if `collect`. */
  #scan(root: Node, collect: boolean): void {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_COMMENT);
    let open: string | null = null;
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      if (!(node instanceof Comment)) continue;
      const [kind, id = ""] = node.data.split(":");
      if (kind === "fs" && !this.#slots.has(id)) this.#slots.set(id, node);
      if (node.data === open) open = null;
      else if (kind === "fi" && open === null) {
        open = `/${node.data}`;
        if (collect) this.#islands.push(node);
      }
    }
  }

  #island(start: Comment): VNode<Props> {
    const [component = 0, props = {}] = this.#payload.islands[Number(start.data.slice(3))] ?? [];
    const type = this.#components[component];
    if (type === undefined) throw new RangeError(`Cannot start the island ${start.data}: the page does not name it`);
    return h(type, this.#object(props));
  }

  #object(written: { readonly [key: string]: Wire }): Props {
    return Object.fromEntries(Object.entries(written).map(([key, value]) => [key, this.#value(value)]));
  }

  #value(written: Wire | undefined): unknown {
    if (Array.isArray(written)) return written.map((item) => this.#value(item));
    if (typeof written !== "object" || written === null) return written;
    const { v } = written;
    switch (written.$) {
      case "signal":
        return this.#signals[Number(v)] ??= signal(this.#value(this.#payload.signals[Number(v)]));
      case "slot":
        return this.#slot(String(v));
      case "object":
        return Object.fromEntries((Array.isArray(v) ? v : []).map((entry) => {
          const [key, value] = Array.isArray(entry) ? entry : [];
          return [key, this.#value(value)];
        }));
      default:
        return this.#object(written);
    }
  }

  #slot(id: string): VNode | null {
    const start = this.#slots.get(id);
    return start === undefined ? null : h(Fragment, null, this.#read(start.nextSibling, endOf(start)));
  }

  /** Reads the nodes from `first` to before `end` as JSX. */
  #read(first: ChildNode | null, end: Node | null): ComponentChild[] {
    const children: ComponentChild[] = [];
    for (let node = first; node !== null && node !== end; node = node.nextSibling) {
      if (node instanceof Text) children.push(node.data);
      else if (node instanceof Element) children.push(this.#element(node));
      else if (node instanceof Comment && node.data.startsWith("fi:")) {
        children.push(this.#island(node));
        node = endOf(node);
      }
    }
    return children;
  }

  #element(node: Element): ComponentChild {
    const props: Props = {};
    for (const { name, value } of node.attributes) {
      // `value` and `checked` would undo what a person typed before the islands started.
      if (name === "value" && node instanceof HTMLInputElement) props.defaultValue = value;
      else if (name === "checked") props.defaultChecked = true;
      else props[name] = value === "" && typeof Reflect.get(node, name) === "boolean" ? true : value;
    }
    return h(node.localName, props, this.#read(node.firstChild, null));
  }
}

function endOf(start: Comment): ChildNode {
  for (let node = start.nextSibling; node !== null; node = node.nextSibling) {
    if (node instanceof Comment && node.data === `/${start.data}`) return node;
  }
  throw new RangeError(`Cannot find the end of ${start.data}: the page's elements are not properly nested`);
}

/** The nodes between two comments, as a container for Preact. */
class Range implements ContainerNode {
  readonly nodeType = 1;
  readonly #end: ChildNode;
  readonly #start: ChildNode;

  constructor(start: ChildNode, end: ChildNode) {
    this.#start = start;
    this.#end = end;
  }

  get #parent(): Node {
    const parent = this.#end.parentNode;
    if (parent === null) throw new RangeError("Cannot draw an island that was taken out of the page");
    return parent;
  }

  get parentNode(): Node {
    return this.#parent;
  }

  get namespaceURI(): string | null {
    return this.#parent instanceof Element ? this.#parent.namespaceURI : null;
  }

  get firstChild(): Node | null {
    return this.childNodes[0] ?? null;
  }

  get childNodes(): Node[] {
    const nodes: Node[] = [];
    for (let node = this.#start.nextSibling; node !== null && node !== this.#end; node = node.nextSibling) {
      nodes.push(node);
    }
    return nodes;
  }

  contains(other: Node | null): boolean {
    return this.childNodes.some((node) => node.contains(other));
  }

  insertBefore(node: Node, child: Node | null): Node {
    return this.#parent.insertBefore(node, child?.parentNode === this.#parent ? child : this.#end);
  }

  appendChild(node: Node): Node {
    return this.#parent.insertBefore(node, this.#end);
  }

  removeChild(child: Node): Node {
    return this.#parent.removeChild(child);
  }
}
