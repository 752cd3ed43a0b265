/**
 * E-mail over SMTP. `smtps://` speaks TLS from the start; `smtp://` must switch to it (STARTTLS), unless the address says
 * `?tls=none`, which is for a server on this machine or a network of one's own.
 *
 * @module
 */
// @ts-types="npm:@types/nodemailer@^8.0.2"
import { createTransport } from "nodemailer";
import { type Outgoing, textOf } from "./channels.ts";
import type { Gate } from "./network.ts";

/** Sends a delivery as an e-mail. @throws {Refused} when the server is inside. @throws {Error} when it does not take the e-mail. */
export async function sendEmail(gate: Gate, outgoing: Outgoing, timeoutMs: number): Promise<void> {
  const { delivery, channel } = outgoing;
  const server = new URL(channel.url);
  const isTls = server.protocol === "smtps:";
  const host = server.hostname.replace(/^\[|\]$/g, "");
  const hasTls = server.searchParams.get("tls") !== "none";
  const address = await gate.addressOf(host);
  const transport = createTransport({
    host: address,
    port: server.port === "" ? (isTls ? 465 : 587) : Number(server.port),
    secure: isTls,
    requireTLS: hasTls,
    ignoreTLS: !hasTls,
    tls: { servername: host },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(server.username !== "" && {
      auth: { user: decodeURIComponent(server.username), pass: decodeURIComponent(server.password) },
    }),
  });
  try {
    await transport.sendMail({
      from: channel.from ?? "",
      to: [...channel.to],
      subject: delivery.notice.title,
      text: textOf(outgoing),
      // The same at each attempt: mail programs show a repeat once.
      messageId: `<${delivery.publicId}@job-trigger-portal>`,
      headers: { "Auto-Submitted": "auto-generated", "X-Attempt": String(delivery.attempts) },
    });
  } finally {
    transport.close();
  }
}
