import { Head } from "fresh/runtime";
import type { ComponentChildren, JSX } from "preact";
import { useContext } from "preact/hooks";
import { signedTitle } from "../format/health.ts";
import { Icon } from "./Icon.tsx";
import { TabSignContext } from "./tab_sign.ts";

/** A page above this one: its address and name. */
export type Crumb = readonly [href: string, name: string];

/** The head of a page. */
export interface PageProps {
  readonly title: string;
  /** The pages above, from the top; a page of one thing has them, a list has none. A phone shows the nearest as an arrow. */
  readonly crumbs?: readonly Crumb[];
  /** One sentence under the title: what the page says. Numbers and names in `<b>`. */
  readonly verdict?: ComponentChildren;
  /** Buttons beside the title, the primary one first, and at most one `Menu`. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** Title with the way up, one sentence, actions; then the contents. */
export function Page({ title, crumbs = [], verdict, actions, children }: PageProps): JSX.Element {
  const names = [title, ...crumbs.map(([, name]) => name).toReversed(), "Job Trigger Portal"].join(" · ");
  const sign = useContext(TabSignContext);
  return (
    <>
      <Head>
        <title>{sign === null ? names : signedTitle(names, sign)}</title>
      </Head>
      <header class="head">
        <div class="title">
          {crumbs.map(([href, name]) => (
            <a key={href} class="crumb" href={href}>
              <bdi>{name}</bdi>
              <Icon name="chevron" />
            </a>
          ))}
          <h1>
            <bdi>{title}</bdi>
          </h1>
        </div>
        {verdict !== undefined && <div class="verdict">{verdict}</div>}
        {Boolean(actions) && <div class={crumbs.length === 0 ? "row corner" : "row"}>{actions}</div>}
      </header>
      {children}
    </>
  );
}
