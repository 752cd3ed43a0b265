import { page } from "fresh";
import { Action } from "../components/Action.tsx";
import { Icon } from "../components/Icon.tsx";
import { NameLink } from "../components/NameLink.tsx";
import { Page } from "../components/Page.tsx";
import { PLACES } from "../components/places.ts";
import type { Found, FoundJob } from "../format/found.ts";
import { searchJobs } from "../server/search.ts";
import { define } from "../utils.ts";

interface Data extends Found {
  readonly text: string;
  readonly places: readonly { readonly path: string; readonly label: string }[];
}

/** Finds jobs and pages by `?q=`: what the palette shows, without scripts. */
export const handler = define.handlers<Data>({
  async GET({ url, state }) {
    const text = (url.searchParams.get("q") ?? "").trim();
    const places = PLACES.filter(({ label, takes }) =>
      text !== "" && label.toLowerCase().includes(text.toLowerCase()) && (takes === undefined || state.may(takes, null))
    );
    return page({ text, places, ...await searchJobs(state, text) });
  },
});

/** The search and what it found. */
export default define.page<typeof handler>(function SearchPage({ data: { text, jobs, places, isMore } }) {
  const isNothing = text !== "" && jobs.length + places.length === 0;
  return (
    <Page
      title="Search"
      verdict={isNothing ? <>Nothing is called “{text}”.</> : "Jobs by name, key or script; pages by name."}
    >
      <form method="get" action="/search" class="filter oneline" role="search">
        <label class="search">
          <span class="sr">Search jobs and pages</span>
          <Icon name="search" />
          <input type="search" name="q" value={text} data-filter autocomplete="off" />
        </label>
        <button type="submit" class="button primary">Search</button>
      </form>
      {places.length > 0 && (
        <section class="panel" aria-labelledby="found-pages">
          <header>
            <h2 id="found-pages">Pages</h2>
          </header>
          <ul class="found">
            {places.map(({ path, label }) => (
              <li key={path}>
                <a href={path}>{label}</a>
              </li>
            ))}
          </ul>
        </section>
      )}
      {jobs.length > 0 && (
        <section class="panel" aria-labelledby="found-jobs">
          <header>
            <h2 id="found-jobs">Jobs</h2>
          </header>
          <ul class="found">{jobs.map((job) => <JobLine key={job.path} job={job} />)}</ul>
          {isMore && (
            <footer>
              <a href={`/jobs?${new URLSearchParams({ q: text })}`}>All jobs that match</a>
            </footer>
          )}
        </section>
      )}
    </Page>
  );
});

function JobLine({ job: { path, name, key, isPaused, actions } }: { readonly job: FoundJob }) {
  return (
    <li>
      <NameLink href={path} name={name} />
      {key !== null && <code>{key}</code>}
      {isPaused && <span class="quiet">paused</span>}
      <span class="row">
        {actions.map(({ label, to, isPosted }) =>
          isPosted
            ? (
              <Action
                key={label}
                to={to}
                icon={{ "Run now": "play", Pause: "pause", Resume: "resume" }[label] ?? "play"}
                label={label}
                of={name}
                fields={{ back: "/search", key: crypto.randomUUID() }}
              />
            )
            : (
              <a key={label} class="button" href={to}>
                {label}
                <span class="sr">: {name}</span>
              </a>
            )
        )}
      </span>
    </li>
  );
}
