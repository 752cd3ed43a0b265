import type { PageProps } from "fresh";
import { asset } from "fresh/runtime";
import type { JSX } from "preact";
import { Icon } from "../components/Icon.tsx";
import Keys from "../islands/Keys.tsx";
import type { Theme } from "../format/view.ts";
import { define, type State } from "../utils.ts";

const PLACES: readonly (readonly [path: string, label: string])[] = [
  ["/jobs", "Jobs"],
  ["/runs", "Runs"],
  ["/workers", "Workers"],
  ["/help", "Help"],
];

/** For who may read it. The page has no script, not even that of the keys. */
const AUDIT = ["/audit", "Audit"] as const;

const THEMES: readonly (readonly [theme: Theme, label: string, icon: string])[] = [
  ["system", "As the system", "system"],
  ["light", "Light", "sun"],
  ["dark", "Dark", "moon"],
];

/** The document around every page, error pages included. */
export default define.page(function Document({ Component, state, url }) {
  return (
    <html lang="en" data-theme={state.theme} data-now={state.view.now}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content={state.theme === "system" ? "light dark" : state.theme} />
        <title>Job Trigger Portal</title>
        <link rel="icon" href={asset("/favicon.svg")} type="image/svg+xml" />
        <link rel="stylesheet" href={asset("/styles.css")} />
      </head>
      {state.actor === null
        ? <Outside Component={Component} />
        : <Inside Component={Component} state={state} url={url} />}
    </html>
  );
});

/** The document for visitors without a session: the page alone. */
function Outside({ Component }: Pick<PageProps, "Component">): JSX.Element {
  return (
    <body class="solo">
      <header class="top">
        <Brand />
      </header>
      <main id="main">
        <Component />
      </main>
    </body>
  );
}

function Brand(): JSX.Element {
  return (
    <a class="brand" href="/jobs">
      <Icon name="brand" />
      <span>Job Trigger Portal</span>
    </a>
  );
}

/** Who is signed in, and the way to what is theirs; with no account yet, the way to make the first. */
function Me({ state: { user, actor } }: Pick<PageProps<unknown, State>, "state">): JSX.Element {
  const isLocal = actor?.kind === "local";
  return (
    <a class="me" href={isLocal ? "/first-account" : "/account"}>
      <Icon name="user" />
      <span>
        <bdi>{isLocal ? "Make the first account" : user?.name}</bdi>
      </span>
    </a>
  );
}

function Inside(
  { Component, state, url }: Pick<PageProps<unknown, State>, "Component" | "state" | "url">,
): JSX.Element {
  const back = url.pathname + url.search;
  const places = state.may("audit.read", null) ? [...PLACES.slice(0, -1), AUDIT, ...PLACES.slice(-1)] : PLACES;
  return (
    <body>
      <a class="skip" href="#main">Skip to the page</a>
      <header class="top">
        <Brand />
        <nav aria-label="Main">
          {places.map(([path, label]) => (
            <a key={path} href={path} aria-current={url.pathname.startsWith(path) ? "page" : undefined}>{label}</a>
          ))}
        </nav>
        <Me state={state} />
      </header>
      <main id="main" tabIndex={-1}>
        <Component />
      </main>
      <footer class="bottom">
        <p>
          Times in <strong>{state.view.zone}</strong>
        </p>
        {state.actor?.kind === "local" && (
          <p>
            Signed in with the printed address. <a href="/first-account">Make the first account</a>
          </p>
        )}
        <form method="post" action="/preferences" class="themes">
          <input type="hidden" name="back" value={back} />
          {THEMES.map(([theme, label, icon]) => (
            <button
              key={theme}
              type="submit"
              name="theme"
              value={theme}
              class="button small"
              title={label}
              aria-pressed={state.theme === theme}
            >
              <Icon name={icon} />
              <span class="sr">Theme: {label}</span>
            </button>
          ))}
        </form>
      </footer>
      {state.hasKeys && !url.pathname.startsWith(AUDIT[0]) && <Keys />}
    </body>
  );
}
