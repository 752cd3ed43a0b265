import { type Webhook, WEBHOOK_KINDS, type WebhookKind } from "@jobtrigger/shared/domain";
import { webhookPath } from "@jobtrigger/shared/api";
import type { JSX } from "preact";
import type { View } from "../format/view.ts";
import { CardCell, CardRow, Cards } from "./Cards.tsx";
import { Copied } from "./Copied.tsx";
import { Empty } from "./Empty.tsx";
import { Field } from "./Field.tsx";
import { Fold } from "./Fold.tsx";
import { EnabledAction, Menu, MenuAction, MenuLink } from "./Menu.tsx";
import { NewSecret } from "./NewSecret.tsx";
import { EnabledBadge } from "./Status.tsx";
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
      <NewSecret secret={secret} of="the secret" what="This is the webhook's secret." />
      <section class="panel" aria-label="Webhooks">
        {webhooks.length === 0
          ? (
            <Empty icon="key" title="No webhook starts this job yet">
              Make one below: it is an address at which another program starts the job.
            </Empty>
          )
          : <WebhookTable webhooks={webhooks} path={path} origin={origin} view={view} />}
        <Fold title="New webhook" isOpen={webhooks.length === 0 || Object.keys(problems).length > 0}>
          <form method="post" action={path} class="form">
            <WebhookInputs typed={typed} problems={problems} />
            <Field name="kind" label="The sender proves itself by" problem={problems.kind}>
              {(a) => (
                <select {...a}>
                  {WEBHOOK_KINDS.map((kind) => (
                    <option key={kind} value={kind} selected={typed.kind === kind}>{KIND_WORDS[kind]}</option>
                  ))}
                </select>
              )}
            </Field>
            <div class="form-end">
              <button type="submit" class="button primary">Make the webhook</button>
            </div>
          </form>
        </Fold>
      </section>
    </>
  );
}

/** What can be changed of a webhook, too: its name, the arguments of its runs, and how often it may come. */
export function WebhookInputs({ typed, problems }: Pick<WebhooksProps, "typed" | "problems">): JSX.Element {
  return (
    <>
      <Field name="name" label="Name" problem={problems.name} help="Who sends, such as the name of a program.">
        {(a) => <input {...a} required value={typed.name} autocomplete="off" />}
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
    </>
  );
}

function WebhookTable(
  { webhooks, path, origin, view }: Pick<WebhooksProps, "webhooks" | "path" | "origin" | "view">,
): JSX.Element {
  return (
    <Cards kind="acting" head={["Webhook", "State", "Address", "Arguments", "Last used", ""]}>
      <tbody role="rowgroup">
        {webhooks.map((webhook) => {
          const { id, name, prefix, kind, args, perMinute, isEnabled, lastUsedAt } = webhook;
          const own = `${path}/${id}`;
          return (
            <CardRow key={id}>
              <CardCell isName place="lead">
                <b>
                  <bdi>{name}</bdi>
                </b>
                <small>
                  <code>{prefix}…</code>
                </small>
              </CardCell>
              <CardCell place="aside">
                <EnabledBadge isEnabled={isEnabled} />
              </CardCell>
              <CardCell place="line">
                <code>POST</code>{" "}
                <Copied text={`${origin}${webhookPath(webhook)}`} of={`the address of ${webhook.name}`} />
                <small>{KIND_WORDS[kind]}, at most {perMinute} a minute</small>
              </CardCell>
              <CardCell label="Arguments">
                {args.length === 0
                  ? <span class="quiet">the job's own</span>
                  : <span class="chips">{args.map((entry, i) => <code key={i} class="arg">{entry}</code>)}</span>}
              </CardCell>
              <CardCell label="Last used" kind="tight">
                {lastUsedAt === null ? "never" : <Time at={lastUsedAt} view={view} />}
              </CardCell>
              <CardCell place="do">
                <Menu of={name}>
                  <MenuLink href={own} icon="edit" label="Edit…" />
                  <MenuAction to={`${own}/rotate`} icon="again" label="New secret" />
                  <EnabledAction path={own} isEnabled={isEnabled} />
                  <MenuAction to={`${own}/delete`} icon="trash" label="Delete" isBad />
                </Menu>
              </CardCell>
            </CardRow>
          );
        })}
      </tbody>
    </Cards>
  );
}
