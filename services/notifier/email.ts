/**
 * E-mail over SMTP. `smtps://` speaks TLS from the start; `smtp://` must switch to it (STARTTLS), unless the address says
 * `?tls=none`, which is for a server on this machine or a network of one's own.
 *
 * @module
 */
import { once } from "node:events";
import { connect } from "node:net";
// @ts-types="npm:@types/nodemailer@^8.0.2"
import { createTransport } from "nodemailer";
import { type Outgoing, textOf } from "./channels.ts";
import { type Gate, unlessAborted } from "./network.ts";

/** Further certificates of authorities that are trusted, in PEM; absent: those of the system. */
export interface Trust {
  readonly ca?: string;
}

/**
 * Sends a delivery as an e-mail. All of it has the time until `signal` aborts: a server that answers a byte at a time holds nobody up.
 * @throws {Refused} when the server is inside. @throws {Error} when it does not take the e-mail.
 */
export async function sendEmail(
  gate: Gate,
  outgoing: Outgoing,
  signal: AbortSignal,
  { ca }: Trust = {},
): Promise<void> {
  const { delivery, channel } = outgoing;
  const server = new URL(channel.url);
  const isTls = server.protocol === "smtps:";
  const host = server.hostname.replace(/^\[|\]$/g, "");
  const hasTls = server.searchParams.get("tls") !== "none";
  const address = await unlessAborted(signal, gate.addressOf(host));
  const port = server.port === "" ? (isTls ? 465 : 587) : Number(server.port);
  const socket = connect({ host: address, port });
  const giveUp = () => void socket.destroy(new DOMException("It took too long", "TimeoutError"));
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    await unlessAborted(signal, once(socket, "connect"));
    const transport = createTransport({
      host: address,
      port,
      connection: socket,
      secure: isTls,
      requireTLS: hasTls,
      ignoreTLS: !hasTls,
      tls: { servername: host, ...(ca !== undefined && { ca }) },
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(server.username !== "" && {
        auth: { user: decodeURIComponent(server.username), pass: decodeURIComponent(server.password) },
      }),
    });
    const sending = transport.sendMail({
      from: channel.from ?? "",
      to: [...channel.to],
      subject: delivery.notice.title,
      text: textOf(outgoing),
      // The same at each attempt: mail programs show a repeat once.
      messageId: `<${delivery.publicId}@job-trigger-portal>`,
      headers: { "Auto-Submitted": "auto-generated", "X-Attempt": String(delivery.attempts) },
    });
    await unlessAborted(signal, sending);
  } finally {
    signal.removeEventListener("abort", giveUp);
    socket.destroy();
  }
}
