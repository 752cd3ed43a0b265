import type { ComponentChildren, JSX } from "preact";

/** A panel. */
export interface PanelProps {
  readonly title: string;
  /** Names the panel for links to it; its heading is `<id>-title`. */
  readonly id: string;
  /** A few quiet words beside the heading. */
  readonly about?: ComponentChildren;
  /** Links and buttons at the end of the heading's line. */
  readonly tools?: ComponentChildren;
  /** Keys, paging, remarks. */
  readonly foot?: ComponentChildren;
  /** Put `children` into a padded body; a table, a list, a chart or a fold goes from edge to edge. */
  readonly isPadded?: boolean;
  readonly children: ComponentChildren;
}

/** One matter of a page: a heading inside, contents, a foot. It is the container whose width its table asks for. */
export function Panel({ title, id, about, tools, foot, isPadded = false, children }: PanelProps): JSX.Element {
  return (
    <section id={id} class="panel" aria-labelledby={`${id}-title`}>
      <header>
        <h2 id={`${id}-title`}>{title}</h2>
        {about !== undefined && <small>{about}</small>}
        {Boolean(tools) && <div class="row">{tools}</div>}
      </header>
      {isPadded ? <div class="body stack">{children}</div> : children}
      {Boolean(foot) && <footer>{foot}</footer>}
    </section>
  );
}
