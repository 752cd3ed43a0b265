import { type AlertChannel, CHANNEL_KINDS, type ChannelKind, type Delivery } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import type { View } from "../format/view.ts";
import { CardCell, CardRow, Cards } from "./Cards.tsx";
import { Empty } from "./Empty.tsx";
import { Field } from "./Field.tsx";
import { Fold } from "./Fold.tsx";
import { EnabledAction, Menu, MenuAction } from "./Menu.tsx";
import { NewSecret } from "./NewSecret.tsx";
import { Badge, EnabledBadge } from "./Status.tsx";
import { Time } from "./Time.tsx";

/** How a channel carries news, as people choose it. */
const KIND_WORDS: Readonly<Record<ChannelKind, string>> = {
  webhook: "Webhook (Standard Webhooks)",
  email: "E-mail (SMTP)",
  slack: "Slack",
  teams: "Teams",
  ntfy: "ntfy",
  ping: "Ping of a monitor",
};

/** The fields of a new channel. */
export const CHANNEL_FIELDS = ["name", "kind", "url", "token", "from", "to"] as const;

/** What was typed into the form of a channel. What is secret is not given back. */
export type ChannelFields = Readonly<Record<"name" | "kind" | "from" | "to", string>>;

/** What the page of alert channels is drawn from. */
export interface AlertChannelsProps {
  readonly channels: readonly AlertChannel[];
  readonly deliveries: readonly Delivery[];
  /** Of a webhook that was just made; shown this once. */
  readonly secret: string | null;
  readonly typed: ChannelFields;
  readonly problems: Readonly<Record<string, string | undefined>>;
  readonly view: View;
}

/** The alert channels, the form of another, and what was sent. */
export function AlertChannels(
  { channels, deliveries, secret, typed, problems, view }: AlertChannelsProps,
): JSX.Element {
  return (
    <>
      <NewSecret secret={secret} of="the secret" what="This is the secret that signs the webhook." />
      <section class="panel" aria-labelledby="channels">
        <header>
          <h2 id="channels">Alert channels</h2>
        </header>
        {channels.length === 0
          ? (
            <Empty icon="warn" title="No channel carries alerts yet">
              Make one below. Rules then name it.
            </Empty>
          )
          : <ChannelTable channels={channels} />}
        <Fold title="New channel" isOpen={channels.length === 0 || Object.keys(problems).length > 0}>
          <form method="post" action="/settings/alerts" class="form">
            <ChannelInputs typed={typed} problems={problems} />
            <div class="form-end">
              <button type="submit" class="button primary">Make the channel</button>
            </div>
          </form>
        </Fold>
      </section>
      <section class="panel" aria-labelledby="deliveries">
        <header>
          <h2 id="deliveries">Deliveries</h2>
        </header>
        {deliveries.length === 0
          ? <Empty icon="clock" title="Nothing was sent yet">What rules say, and tests, stand here.</Empty>
          : <DeliveryTable deliveries={deliveries} view={view} />}
      </section>
    </>
  );
}

function ChannelTable({ channels }: Pick<AlertChannelsProps, "channels">): JSX.Element {
  return (
    <Cards kind="acting" head={["Channel", "State", "Goes to", ""]}>
      <tbody role="rowgroup">
        {channels.map(({ id, name, kind, address, to, isEnabled }) => (
          <CardRow key={id}>
            <CardCell isName place="lead">
              <b>
                <bdi>{name}</bdi>
              </b>
              <small>{KIND_WORDS[kind]}</small>
            </CardCell>
            <CardCell place="aside">
              <EnabledBadge isEnabled={isEnabled} />
            </CardCell>
            <CardCell place="line">
              <code>{address}</code>
              {to.length > 0 && (
                <small>
                  <bdi>{to.join(", ")}</bdi>
                </small>
              )}
            </CardCell>
            <CardCell place="do">
              <Menu of={name}>
                <MenuAction to={`/settings/alerts/${id}/test`} icon="play" label="Send a test" />
                <EnabledAction path={`/settings/alerts/${id}`} isEnabled={isEnabled} />
                <MenuAction to={`/settings/alerts/${id}/delete`} icon="trash" label="Delete" isBad />
              </Menu>
            </CardCell>
          </CardRow>
        ))}
      </tbody>
    </Cards>
  );
}

function DeliveryTable({ deliveries, view }: Pick<AlertChannelsProps, "deliveries" | "view">): JSX.Element {
  return (
    <Cards kind="slim" head={["What", "Result", "Channel", "When"]}>
      <tbody role="rowgroup">
        {deliveries.map(({ id, notice, isDelivered, attempts, error, channelName, createdAt }) => (
          <CardRow key={id}>
            <CardCell isName place="lead">
              <bdi>{notice.title}</bdi>
              {error !== null && (
                <small>
                  <bdi>{error}</bdi>
                </small>
              )}
            </CardCell>
            <CardCell place="aside">
              {isDelivered === null
                ? <Badge text={attempts === 0 ? "Waits" : `Tried ${attempts}×`} icon="clock" tone="warn" />
                : isDelivered
                ? <Badge text="Delivered" icon="check" tone="ok" />
                : <Badge text="Given up" icon="cross" tone="bad" />}
            </CardCell>
            <CardCell place="line">
              <bdi>{channelName ?? "a channel that is gone"}</bdi>
            </CardCell>
            <CardCell place="end" kind="tight">
              <Time at={createdAt} view={view} />
            </CardCell>
          </CardRow>
        ))}
      </tbody>
    </Cards>
  );
}

function ChannelInputs({ typed, problems }: Pick<AlertChannelsProps, "typed" | "problems">): JSX.Element {
  return (
    <>
      <Field name="name" label="Name" problem={problems.name} isNeeded>
        {(a) => <input {...a} required value={typed.name} autocomplete="off" />}
      </Field>
      <Field name="kind" label="Carries news by" problem={problems.kind}>
        {(a) => (
          <select {...a}>
            {CHANNEL_KINDS.map((kind) => (
              <option key={kind} value={kind} selected={typed.kind === kind}>{KIND_WORDS[kind]}</option>
            ))}
          </select>
        )}
      </Field>
      <Field
        name="url"
        label="Address"
        problem={problems.url}
        isNeeded
        help={
          <>
            Such as <code>https://hooks.slack.com/services/…</code>, of an e-mail{" "}
            <code>smtp://user:password@mail.example.com:587</code>. It is not shown again.
          </>
        }
      >
        {(a) => <input {...a} required autocomplete="off" spellcheck={false} />}
      </Field>
      <Field
        name="token"
        label="Secret"
        problem={problems.token}
        help="The access token of ntfy, or what signs a webhook; empty: a webhook gets one of its own."
      >
        {(a) => <input {...a} type="password" autocomplete="off" />}
      </Field>
      <Field name="from" label="E-mail from" problem={problems.from}>
        {(a) => <input {...a} value={typed.from} autocomplete="off" />}
      </Field>
      <Field name="to" label="E-mail to" problem={problems.to} help="Addresses with commas between.">
        {(a) => <input {...a} value={typed.to} autocomplete="off" />}
      </Field>
    </>
  );
}
