import { type Webhook, WEBHOOK_KINDS, type WebhookKind } from "@jobtrigger/shared/domain";
import { webhookPath } from "@jobtrigger/shared/api";
import type { JSX } from "preact";
import type { View } from "../format/view.ts";
import { Action } from "./Action.tsx";
import { Field } from "./Field.tsx";
import { Badge } from "./Status.tsx";
import { Time } from "./Time.tsx";

/** How a sender proves who it is, as people choose it. */
export const KIND_WORDS: Readonly<Record<WebhookKind, string>> = {
  token: "Token in the Authorization header",
  github: "Signed as by GitHub (X-Hub-Signature-256)",
  standard: "Signed as Standard Webhooks (webhook-signature)",
};

/** What the form of a webhook holds, as typed; arguments are one entry a line. */
export interface WebhookFields {
  readonly name: string;
  readonly kind: string;
  readonly args: string;
  readonly per_minute: string;
}

/** What the page of a job's webhooks is drawn from. */
export interface WebhooksProps {
  readonly webhooks: readonly Webhook[];
  /** Of a webhook that was just made or rotated; shown this once. */
  readonly secret: string | null;
  /** The address of the page, where the forms go. */
  readonly path: string;
  /** The address of the portal. */
  readonly origin: string;
  readonly typed: WebhookFields;
  readonly problems: Readonly<Record<string, string | undefined>>;
  readonly view: View;
}

/** The webhooks of a job, and the form of another. */
export function Webhooks({ webhooks, secret, path, origin, typed, problems, view }: WebhooksProps): JSX.Element {
  return (
    <>
      {secret !== null && (
        <div class="notice ok" role="status">
          <p>This is the webhook's secret. Copy it now: it is not shown again.</p>
          <p>
            <code class="secret">{secret}</code>
          </p>
        </div>
      )}
      {webhooks.length === 0
        ? (
          <p class="empty">
            No webhook starts this job yet. Make one below: it is an address at which another program starts the job.
          </p>
        )
        : <WebhookTable webhooks={webhooks} path={path} origin={origin} view={view} />}
      <details open={webhooks.length === 0 || Object.keys(problems).length > 0}>
        <summary>New webhook</summary>
        <form method="post" action={path} class="narrow-form">
          <Field name="name" label="Name" problem={problems.name} help="Who sends, such as the name of a program.">
            {(a) => <input {...a} required value={typed.name} autocomplete="off" />}
          </Field>
          <Field name="kind" label="The sender proves itself by" problem={problems.kind}>
            {(a) => (
              <select {...a}>
                {WEBHOOK_KINDS.map((kind) => (
                  <option key={kind} value={kind} selected={typed.kind === kind}>{KIND_WORDS[kind]}</option>
                ))}
              </select>
            )}
          </Field>
          <Field
            name="args"
            label="Arguments from the body"
            problem={problems.args}
            help={
              <>
                One a line, empty for the job's own: <code>=--quiet</code> as it stands, <code>/ref string</code>{" "}
                the text at that place of the JSON body, <code>/count number min=1 max=50</code>,{" "}
                <code>/force boolean optional</code>,{" "}
                <code>/ref string prefix=--ref=</code>. A value that begins with a dash is refused.
              </>
            }
          >
            {(a) => <textarea {...a} rows={4} spellcheck={false}>{typed.args}</textarea>}
          </Field>
          <Field name="per_minute" label="Deliveries a minute, at most" problem={problems.perMinute}>
            {(a) => <input {...a} value={typed.per_minute} inputMode="numeric" autocomplete="off" />}
          </Field>
          <div class="form-end">
            <button type="submit" class="button primary">Make the webhook</button>
          </div>
        </form>
      </details>
    </>
  );
}

function WebhookTable(
  { webhooks, path, origin, view }: Pick<WebhooksProps, "webhooks" | "path" | "origin" | "view">,
): JSX.Element {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Webhook</th>
          <th scope="col">State</th>
          <th scope="col">Address</th>
          <th scope="col">Arguments</th>
          <th scope="col">Last used</th>
          <th scope="col">
            <span class="sr">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {webhooks.map((webhook) => {
          const { id, name, prefix, kind, args, perMinute, isEnabled, lastUsedAt } = webhook;
          const own = `${path}/${id}`;
          return (
            <tr key={id}>
              <th scope="row" data-label="Webhook">
                <bdi>{name}</bdi>
                <span class="quiet path">
                  <code>{prefix}…</code>
                </span>
              </th>
              <td data-label="State">
                {isEnabled
                  ? <Badge text="Enabled" icon="active" tone="ok" />
                  : <Badge text="Disabled" icon="end" tone="warn" />}
              </td>
              <td data-label="Address">
                <span>
                  <code>POST {origin}{webhookPath(webhook)}</code>
                  <span class="quiet path">{KIND_WORDS[kind]}, at most {perMinute} a minute</span>
                </span>
              </td>
              <td data-label="Arguments">
                {args.length === 0
                  ? <span class="quiet">the job's own</span>
                  : <span>{args.map((entry, i) => <code key={i} class="arg">{entry}</code>)}</span>}
              </td>
              <td data-label="Last used">{lastUsedAt === null ? "never" : <Time at={lastUsedAt} view={view} />}</td>
              <td class="row-actions">
                <Action to={`${own}/rotate`} icon="again" label="New secret" of={name} isSmall />
                {isEnabled
                  ? <Action to={`${own}/disable`} icon="pause" label="Disable" of={name} isSmall />
                  : <Action to={`${own}/enable`} icon="resume" label="Enable" of={name} isSmall />}
                <Action to={`${own}/delete`} icon="trash" label="Delete" of={name} tone="danger" isSmall />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
