import { Head } from "fresh/runtime";
import type { ComponentChildren, JSX } from "preact";

/** The beginning of a page: its title, links upwards and buttons. */
export interface PageHeadProps {
  readonly title: string;
  /** Shown above the title; links upwards. */
  readonly trail?: ComponentChildren;
  /** Buttons beside the title. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A page's title bar and contents. */
export function Page({ title, trail, actions, children }: PageHeadProps): JSX.Element {
  return (
    <>
      <Head>
        <title>{`${title} · Job Trigger Portal`}</title>
      </Head>
      <header class="page-head">
        <div>
          {trail !== undefined && <p class="trail">{trail}</p>}
          <h1>
            <bdi>{title}</bdi>
          </h1>
        </div>
        {actions !== undefined && <div class="actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}
