import type { JSX } from "preact";
import { Empty } from "./Empty.tsx";
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

/** What an error page says. */
export interface ErrorPageProps {
  readonly status: number;
  readonly message: string;
  readonly requestId: string;
  /** The address of the page, where it can be tried again; null: what was asked for would change something. */
  readonly again: string | null;
}

/** An error page: what happened, what to do, and the request id in the log. */
export function ErrorPage({ status, message, requestId, again }: ErrorPageProps): JSX.Element {
  const isOurs = status >= 500;
  return (
    <Page title={TITLES[status] ?? `Error ${status}`}>
      <section class="panel" aria-label="What happened">
        <Empty
          icon={isOurs ? "cross" : status === 404 ? "search" : "stop"}
          {...(isOurs && { tone: "bad" as const })}
          title={message}
          step={
            <>
              {isOurs && again !== null && <a class="button primary" href={again}>Try again</a>}
              <a class="button" href="/jobs">All jobs</a>
            </>
          }
        >
          {status === 503 && (
            <>
              Check that the database is there and not locked. What was typed into a form is still in it: go back to it
              and send it again.{" "}
            </>
          )}
          Status {status}, request <code>{requestId}</code>
        </Empty>
      </section>
    </Page>
  );
}
