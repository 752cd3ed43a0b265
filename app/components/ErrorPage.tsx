import type { JSX } from "preact";
import { Page } from "./Page.tsx";

const TITLES: Readonly<Record<number, string>> = {
  400: "Malformed request",
  403: "Refused",
  404: "Not found",
  405: "Not possible here",
  409: "Changed by someone else",
  413: "Too large",
  415: "Not a form",
  421: "Wrong address",
  422: "Please correct this",
  500: "An error on our side",
  503: "Database unavailable",
};

/** An error page: what happened, what to do, and the request id in the log. */
export function ErrorPage(
  { status, message, requestId }: { readonly status: number; readonly message: string; readonly requestId: string },
): JSX.Element {
  return (
    <Page title={TITLES[status] ?? `Error ${status}`}>
      <div class="notice bad">
        <p>{message}</p>
        {status === 503 && (
          <p>
            Nothing you did is lost on your side: check that the database is there and not locked, then reload this
            page.
          </p>
        )}
      </div>
      <p>
        <a href="/jobs">Back to the jobs</a>
      </p>
      <p class="quiet">
        Status {status} · request <code>{requestId}</code>
      </p>
    </Page>
  );
}
