import assert from "node:assert/strict";
import { once } from "node:events";
import { SMTPServer } from "smtp-server";
import { sendEmail } from "../../services/notifier/email.ts";
import { send } from "../../services/notifier/http.ts";
import { Gate, Refused } from "../../services/notifier/network.ts";
import { outgoing } from "./_outgoing.ts";

const HERE = new Gate(["127.0.0.1"]);

/** A mail server, and what it was given. */
async function mailServer(options: ConstructorParameters<typeof SMTPServer>[0]) {
  const got: string[] = [];
  const server = new SMTPServer({
    ...options,
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      done(username === "jobs" && password === "p:ss" ? null : new Error("Wrong password"), { user: username }),
    onData: (stream, _session, done) => {
      let text = "";
      stream.on("data", (chunk: Uint8Array) => text += new TextDecoder().decode(chunk));
      stream.on("end", () => {
        got.push(text);
        done();
      });
    },
  });
  server.on("error", () => {});
  const listening = once(server.listen(0, "127.0.0.1"), "listening");
  await listening;
  const address = server.server.address();
  assert.ok(address !== null && typeof address === "object");
  const closed = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { got, port: address.port, [Symbol.asyncDispose]: closed };
}

Deno.test("an e-mail goes to all receivers with the same id at each attempt, by a server that knows the password", async () => {
  await using server = await mailServer({ hideSTARTTLS: true, allowInsecureAuth: true });
  const url = `smtp://jobs:p%3Ass@127.0.0.1:${server.port}?tls=none`;
  await sendEmail(HERE, outgoing("email", url), AbortSignal.timeout(5000));
  const [text = ""] = server.got;
  assert.match(text, /^Message-ID: <alert_1@job-trigger-portal>/m);
  assert.match(text, /^Subject: Alert: job Backup <b>: Failures/m);
  assert.match(text, /^To: ops@example\.com/m);
  assert.match(text, /This is attempt 2 of one delivery/);
  await assert.rejects(
    sendEmail(HERE, outgoing("email", url.replace("ss@", "sss@")), AbortSignal.timeout(5000)),
    /Invalid login/,
  );
});

Deno.test("an e-mail is not sent where STARTTLS is missing or the certificate is nobody's, nor to a server inside", async () => {
  await using plain = await mailServer({ hideSTARTTLS: true, authOptional: true });
  await using tls = await mailServer({ authOptional: true });
  for (const { port } of [plain, tls]) {
    await assert.rejects(sendEmail(HERE, outgoing("email", `smtp://127.0.0.1:${port}`), AbortSignal.timeout(5000)));
  }
  await assert.rejects(
    sendEmail(new Gate([]), outgoing("email", `smtp://2130706433:${plain.port}?tls=none`), AbortSignal.timeout(5000)),
    Refused,
  );
  assert.deepEqual([plain.got, tls.got], [[], []]);
});

Deno.test("an e-mail goes by STARTTLS to a server that an authority vouches for by its name", async () => {
  const directory = await Deno.makeTempDir();
  const [key, cert] = [`${directory}/key.pem`, `${directory}/cert.pem`];
  const made = await new Deno.Command("openssl", {
    args: ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
      .concat([
        "-subj",
        "/CN=mail.example",
        "-addext",
        "subjectAltName=DNS:mail.example",
        "-keyout",
        key,
        "-out",
        cert,
      ]),
  }).output();
  assert.ok(made.success, new TextDecoder().decode(made.stderr));
  const ca = await Deno.readTextFile(cert);
  await using server = await mailServer({ key: await Deno.readTextFile(key), cert: ca });
  await Deno.remove(directory, { recursive: true });
  const gate = new Gate(["mail.example", "other.example"], () => Promise.resolve(["127.0.0.1"]));
  const mail = (host: string, title: string) => {
    const notice = { title, text: "Run 1 failed." };
    return outgoing("email", `smtp://jobs:p%3Ass@${host}:${server.port}`, { notice });
  };
  await sendEmail(gate, mail("mail.example", "Failed\r\nBcc: all@example.com"), AbortSignal.timeout(5000), { ca });
  assert.equal(server.got.length, 1);
  assert.match(server.got[0] ?? "", /^Subject: Failed Bcc: all@example\.com\r$/m);
  // Another name than that of the certificate is refused before the password is sent.
  await assert.rejects(
    sendEmail(gate, mail("other.example", "x"), AbortSignal.timeout(5000), { ca }),
    /altnames|name/i,
  );
  await assert.rejects(sendEmail(gate, mail("mail.example", "x"), AbortSignal.timeout(5000)));
  assert.equal(server.got.length, 1);
});

Deno.test("a mail server that answers a line at a time, and a name that nobody resolves, are given up in time", async () => {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { promise: isWaiting, resolve: waits } = Promise.withResolvers<void>();
  const dripping = (async () => {
    const connection = await listener.accept();
    const say = (text: string) => connection.write(new TextEncoder().encode(text));
    await say("220 hello\r\n");
    const buffer = new Uint8Array(1024);
    // Each answer but the last: the client waits for one more.
    for (let read = await connection.read(buffer); read !== null; read = await connection.read(buffer)) {
      await say("250-more\r\n");
      waits();
    }
    connection.close();
  })();
  const giveUp = new AbortController();
  const url = `smtp://127.0.0.1:${listener.addr.port}?tls=none`;
  const sending = sendEmail(HERE, outgoing("email", url), giveUp.signal);
  await isWaiting;
  giveUp.abort(new DOMException("late", "TimeoutError"));
  await assert.rejects(sending, /late/);
  listener.close();
  await dripping.catch(() => {});
  const never = new Gate([], () => new Promise(() => {}));
  const aborted = AbortSignal.abort(new DOMException("late", "TimeoutError"));
  await assert.rejects(send(never, { url: "http://slow.example/", headers: {} }, aborted), /late/);
  await assert.rejects(sendEmail(never, outgoing("email", "smtp://slow.example"), aborted), /late/);
});
