/**
 * A page with a table of 100 rows, which our stand-in for Fresh renders for each request: no database, no session. It says where it
 * listens, and serves until the process is ended.
 *
 * @module
 */
import { App } from "fresh";
import type { JSX } from "preact";

/** A row of the table. */
interface Row {
  readonly id: number;
  readonly name: string;
  readonly state: string;
  readonly startedAt: string;
  readonly seconds: number;
}

const ROWS: readonly Row[] = Array.from({ length: 100 }, (_, i) => ({
  id: i + 1,
  name: `Job ${i + 1}`,
  state: i % 9 === 0 ? "failed" : "succeeded",
  startedAt: new Date(Date.UTC(2026, 0, 1, 0, i)).toISOString(),
  seconds: i % 60,
}));

function Table({ rows }: { readonly rows: readonly Row[] }): JSX.Element {
  return (
    <table>
      <thead>
        <tr>
          <th>Run</th>
          <th>Job</th>
          <th>State</th>
          <th>Started</th>
          <th>Took</th>
        </tr>
      </thead>
      <tbody>{rows.map((row) => <TableRow key={row.id} row={row} />)}</tbody>
    </table>
  );
}

function TableRow({ row: { id, name, state, startedAt, seconds } }: { readonly row: Row }): JSX.Element {
  return (
    <tr>
      <td>
        <a href={`/runs/${id}`}>#{id}</a>
      </td>
      <td>{name}</td>
      <td class={state}>{state}</td>
      <td>
        <time dateTime={startedAt}>{startedAt.slice(0, 16)}</time>
      </td>
      <td>{seconds} s</td>
    </tr>
  );
}

const app = new App<unknown>()
  .appWrapper(({ Component }) => (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>Runs</title>
      </head>
      <body>
        <Component />
      </body>
    </html>
  ))
  .route("/", { component: () => <Table rows={ROWS} /> });
Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`http://127.0.0.1:${port}/`),
}, app.handler());
