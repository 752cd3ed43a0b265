import type { JSX } from "preact";

/** The address of this list with other parameters; null removes one. */
export function withParams(url: URL, changes: Readonly<Record<string, string | null>>): string {
  const params = new URLSearchParams(url.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") params.delete(name);
    else params.set(name, value);
  }
  const query = params.toString();
  return query === "" ? url.pathname : `${url.pathname}?${query}`;
}

/** Links to the first and the following page of a list that is paged by key. */
export function Pager({ url, next }: { readonly url: URL; readonly next: string | null }): JSX.Element | null {
  const isFirst = !url.searchParams.has("cursor");
  if (isFirst && next === null) return null;
  return (
    <footer class="pager">
      <nav class="row" aria-label="Pages">
        {!isFirst && <a class="button" href={withParams(url, { cursor: null })}>First page</a>}
        {next !== null && <a class="button" rel="next" href={withParams(url, { cursor: next })}>Next page</a>}
      </nav>
    </footer>
  );
}
