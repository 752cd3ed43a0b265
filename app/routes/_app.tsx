import { VERSION } from "@jobtrigger/shared/domain";
import type { PageProps } from "fresh";
import { asset } from "fresh/runtime";
import type { JSX } from "preact";
import { HealthStrip } from "../components/HealthStrip.tsx";
import { Icon } from "../components/Icon.tsx";
import { Nav } from "../components/Nav.tsx";
import { ZoneSwitch } from "../components/ZoneSwitch.tsx";
import { PLACES } from "../components/places.ts";
import type { HealthTone } from "../format/health.ts";
import type { Theme } from "../format/view.ts";
import Keys from "../islands/Keys.tsx";
import Live from "../islands/Live.tsx";
import { define, type State } from "../utils.ts";

/** Pages that ship no script at all, not even that of the keys. */
const WITHOUT_SCRIPT = ["/audit", "/help"] as const;

/** The icon of the tab, by how the system is. */
const ICONS: Readonly<Record<HealthTone, string>> = {
  ok: "/favicon.svg",
  late: "/favicon-late.svg",
  bad: "/favicon-bad.svg",
};

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
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="color-scheme" content={state.theme === "system" ? "light dark" : state.theme} />
        <title>Job Trigger Portal</title>
        <link
          rel="icon"
          href={asset(ICONS[state.health?.sign.tone ?? "ok"])}
          type="image/svg+xml"
          data-ok={asset(ICONS.ok)}
          data-late={asset(ICONS.late)}
          data-bad={asset(ICONS.bad)}
        />
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
      <header>
        <a class="brand" href="/">
          <Icon name="brand" />Job Trigger Portal
        </a>
      </header>
      <main id="main">
        <Component />
      </main>
    </body>
  );
}

function Inside(
  { Component, state, url }: Pick<PageProps<unknown, State>, "Component" | "state" | "url">,
): JSX.Element {
  const { health, view } = state;
  const places = PLACES.filter(({ takes }) => takes === undefined || state.may(takes, null));
  const hasScript = !WITHOUT_SCRIPT.some((path) => url.pathname === path || url.pathname.startsWith(`${path}/`));
  return (
    <body>
      <a class="skip" href="#main">Skip to the page</a>
      <Nav places={places} at={url.pathname} counts={health?.counts ?? {}}>
        <Me state={state} />
      </Nav>
      <div class="page">
        {health !== null && <HealthStrip health={health}>{hasScript ? <Live /> : null}</HealthStrip>}
        <main id="main" tabIndex={-1}>
          <Component />
        </main>
        <footer class="foot">
          <ZoneSwitch view={view} portalZone={state.portal.config.displayTimezone} back={url.pathname + url.search} />
          {state.actor?.kind === "local" && (
            <p>
              Signed in with the printed address. <a href="/first-account">Make the first account</a>
            </p>
          )}
          <p>Version {VERSION}</p>
          {hasScript && <a href="/help#help-keys">Keys: ?</a>}
          <Themes theme={state.theme} back={url.pathname + url.search} />
        </footer>
      </div>
      {hasScript && <Keys hasKeys={state.hasKeys} />}
    </body>
  );
}

/** Who is signed in, and the way to what is theirs; with no account yet, the way to make the first. */
function Me({ state: { user, actor } }: Pick<PageProps<unknown, State>, "state">): JSX.Element {
  const isLocal = actor?.kind === "local";
  return (
    <>
      <a href="/search" data-palette aria-keyshortcuts="Control+K Meta+K">
        <Icon name="search" />
        Search <kbd>Ctrl K</kbd>
      </a>
      <a href={isLocal ? "/first-account" : "/account"}>
        <Icon name="user" />
        <bdi>{isLocal ? "Make the first account" : user?.name}</bdi>
      </a>
    </>
  );
}

function Themes({ theme, back }: { readonly theme: Theme; readonly back: string }): JSX.Element {
  return (
    <form method="post" action="/preferences" class="themes">
      <input type="hidden" name="back" value={back} />
      {THEMES.map(([one, label, icon]) => (
        <button
          key={one}
          type="submit"
          name="theme"
          value={one}
          class="button icon bare"
          title={label}
          aria-pressed={theme === one}
        >
          <Icon name={icon} />
          <span class="sr">Theme: {label}</span>
        </button>
      ))}
    </form>
  );
}
