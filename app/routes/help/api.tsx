import { curlOf } from "../../format/curl.ts";
import type { JSX } from "preact";
import { API_ERROR_CODES, API_ERRORS } from "@jobtrigger/shared/api";
import { Page } from "../../components/Page.tsx";
import { COMMON_ERRORS } from "../../server/api/openapi.ts";
import { API_ROOT, OPERATION_GROUPS } from "../../server/api/operations.ts";
import { type FieldLine, type OperationFacts, operationFacts } from "../../server/api/reference.ts";
import { define } from "../../utils.ts";

/** The reference of the API, from the table that answers it. */
export default define.page(function ApiPage({ url }) {
  return (
    <Page title="API" crumbs={[["/help", "Help"]]}>
      <section aria-labelledby="api-use" class="stack">
        <h2 id="api-use">How to use it</h2>
        <p>
          Send an API token with each request. A program can read all of this as an{" "}
          <a href={`${API_ROOT}/openapi.json`}>OpenAPI document</a>.
        </p>
        <pre class="code" tabIndex={0}>{curlOf("GET", `${url.origin}${API_ROOT}/jobs`)}</pre>
        <p>
          Bodies are JSON, and an unknown field is an error. A list answers <code>items</code> and{" "}
          <code>next</code>, which is the <code>cursor</code> of the following page. Times are ISO 8601 in UTC.
        </p>
      </section>
      {OPERATION_GROUPS.map(({ title, operations }) => (
        <section key={title} aria-labelledby={`api-${operations[0]?.id}`} class="stack">
          <h2 id={`api-${operations[0]?.id}`}>{title}</h2>
          {operations.map((operation) => <Operation key={operation.id} {...operationFacts(operation)} />)}
        </section>
      ))}
      <section aria-labelledby="api-errors" class="stack">
        <h2 id="api-errors">Errors</h2>
        <p>
          An error is <code>application/problem+json</code>: its <code>code</code> is one of these, its{" "}
          <code>detail</code> a sentence, and its <code>errors</code> name each wrong field. Every operation can answer
          {" "}
          {COMMON_ERRORS.map((code) => API_ERRORS[code].status)
            .join(", ")}.
        </p>
        <dl class="facts">
          {API_ERROR_CODES.map((code) => (
            <div key={code} id={code}>
              <dt>
                {API_ERRORS[code].status} <code>{code}</code>
              </dt>
              <dd>{API_ERRORS[code].title}. {API_ERRORS[code].about}</dd>
            </div>
          ))}
        </dl>
      </section>
    </Page>
  );
});

function Operation({ id, method, path, summary, needs, fields, answers }: OperationFacts): JSX.Element {
  return (
    <article id={id} class="stack">
      <h3>
        <code>{method} {path}</code>
      </h3>
      <p>{summary}. {needs}</p>
      {fields.length > 0 && (
        <dl class="facts">
          {fields.map((field) => <Line key={`${field.where} ${field.name}`} {...field} />)}
        </dl>
      )}
      <p class="quiet">{answers}</p>
    </article>
  );
}

function Line({ where, name, isNeeded, about }: FieldLine): JSX.Element {
  return (
    <div>
      <dt>
        <code>{name}</code> in the {where}
        {isNeeded ? ", needed" : ""}
      </dt>
      <dd>{about}</dd>
    </div>
  );
}
