import { deepStrictEqual as same, match, strictEqual as equal } from "node:assert/strict";
import { App, type Context, createDefine, HttpError, page, type PageProps } from "fresh";
import { Head } from "fresh/runtime";
import { jsxAttr } from "preact/jsx-runtime";
import { setSnapshot, type Snapshot } from "../../app/fresh/snapshot.ts";

interface State {
  trace: string[];
}

const define = createDefine<State>();

/** An application whose `routes/` holds `modules`. */
function withFiles(modules: Record<string, unknown>, before: (app: App<State>) => void = () => {}): App<State> {
  const app = new App<State>();
  before(app);
  const snapshot: Snapshot = {
    buildId: "",
    routes: Object.entries(modules),
    islands: new Map(),
    boot: null,
    assets: new Map(),
  };
  setSnapshot(app, snapshot);
  return app.fsRoutes();
}

async function ask(
  app: App<State>,
  path: string,
  init?: RequestInit,
): Promise<[status: number, body: string, headers: Headers]> {
  const response = await app.handler()(new Request(`http://host${path}`, init));
  return [response.status, (await response.text()).replace(/^<!DOCTYPE html>/, ""), response.headers];
}

const wrap = (body: string) => `<html><head><meta charset="utf-8"></head><body>${body}</body></html>`;
const NUL = String.fromCharCode(0);
const Hello = () => <b>hello</b>;
const Box = (name: string) => ({ Component }: PageProps<unknown, State>) => (
  <div id={name}>
    <Component />
  </div>
);
const mark = (name: string) =>
  define.middleware(async (ctx) => {
    const response = await ctx.next();
    response.headers.append("x-trace", name);
    return response;
  });
const fail = (error: unknown) => () => {
  throw error;
};

const fileCases: [name: string, path: string, files: Record<string, unknown>, status: number, body: string][] = [
  ["renders a page", "/", { index: { default: Hello } }, 200, wrap("<b>hello</b>")],
  ["shows NUL by a sign", "/", { index: { default: () => <b>{`a${NUL}b`}</b> } }, 200, wrap("<b>a\uFFFDb</b>")],
  [
    "puts layouts around each other, the outer first",
    "/a/b",
    {
      _layout: { default: Box("outer") },
      "a/_layout": { default: Box("inner") },
      "a/b": { default: Hello },
    },
    200,
    wrap(`<div id="outer"><div id="inner"><b>hello</b></div></div>`),
  ],
  [
    "puts the app wrapper outside",
    "/",
    {
      _layout: { default: Box("layout") },
      _app: { default: Box("app") },
      index: { default: Hello },
    },
    200,
    wrap(`<div id="app"><div id="layout"><b>hello</b></div></div>`),
  ],
  [
    "keeps groups out of the address, and their layout in the page",
    "/b",
    {
      "(in)/_layout": { default: Box("in") },
      "(in)/b": { default: Hello },
    },
    200,
    wrap(`<div id="in"><b>hello</b></div>`),
  ],
  [
    "does not share a group's layout",
    "/c",
    {
      "(in)/_layout": { default: Box("in") },
      c: { default: Hello },
    },
    200,
    wrap("<b>hello</b>"),
  ],
  [
    "gives a page its parameters",
    "/jobs/7",
    {
      "jobs/[id]": { default: ({ params }: PageProps) => <i>{params.id}</i> },
    },
    200,
    wrap("<i>7</i>"),
  ],
  [
    "prefers plain text, then a parameter, then the rest",
    "/jobs/new",
    {
      "[...rest]": { default: () => "rest" },
      "jobs/[id]": { default: () => "id" },
      "jobs/new": { default: () => "new" },
    },
    200,
    wrap("new"),
  ],
  [
    "prefers a parameter to the rest",
    "/jobs/7",
    {
      "[...rest]": { default: () => "rest" },
      "jobs/[id]": { default: () => "id" },
    },
    200,
    wrap("id"),
  ],
  [
    "takes the rest of a path",
    "/x/y",
    {
      "[...rest]": { default: ({ params }: PageProps) => <i>{params.rest}</i> },
    },
    200,
    wrap("<i>x/y</i>"),
  ],
  ["renders the missing page", "/none", { _404: { default: () => "missing" } }, 404, wrap("missing")],
  [
    "renders the error page with the status of the error",
    "/",
    {
      _error: { default: ({ error }: PageProps) => <p>{error instanceof HttpError && error.message}</p> },
      index: { handler: fail(new HttpError(409, "taken")) },
    },
    409,
    wrap("<p>taken</p>"),
  ],
  [
    "prefers the missing page for 404",
    "/",
    {
      _error: { default: () => "error" },
      _404: { default: () => "missing" },
      index: { handler: fail(new HttpError(404)) },
    },
    404,
    wrap("missing"),
  ],
  [
    "renders the nearest error page, within the layouts there",
    "/a/b",
    {
      _error: { default: () => "far" },
      _layout: { default: Box("l") },
      "a/_error": { default: () => "near" },
      "a/b": { default: fail(new Error("x")) },
    },
    500,
    wrap(`<div id="l">near</div>`),
  ],
  ["escapes text", "/", { index: { default: () => "<script>" } }, 200, wrap("&lt;script>")],
  [
    "waits for an async page",
    "/",
    { index: { default: async () => <u>{await Promise.resolve("late")}</u> } },
    200,
    wrap("<u>late</u>"),
  ],
];
for (const [name, path, files, status, body] of fileCases) {
  Deno.test(`fsRoutes() ${name}`, async () => {
    const app = withFiles(files);
    same((await ask(app, path)).slice(0, 2), [status, body]);
  });
}

Deno.test("define.page() gets the data, status and headers of page()", async () => {
  const handler = define.handlers({
    GET: (ctx) => page({ name: ctx.url.searchParams.get("name") ?? "" }, { status: 201, headers: { "x-made": "1" } }),
  });
  const route = { handler, default: define.page<typeof handler>(({ data }) => <i>{data.name.toUpperCase()}</i>) };
  const [status, body, headers] = await ask(withFiles({ index: route }), "/?name=abc");
  same([status, body, headers.get("x-made")], [201, wrap("<i>ABC</i>"), "1"]);
  equal(headers.get("content-type"), "text/html; charset=utf-8");
});

Deno.test("middlewares run from the outside in, and an error page outside those of its own path", async () => {
  const app = withFiles({
    _middleware: { handler: [mark("root"), mark("second")] },
    "a/_middleware": { default: mark("a") },
    "a/_error": { default: () => "error" },
    "a/ok": { default: Hello },
    "a/bad": { handler: fail(new Error("x")) },
  }, (app) => app.use(mark("use")).use("/a", mark("use a")));
  const trace = async (path: string) => (await ask(app, path))[2].get("x-trace");
  equal(await trace("/a/ok"), "a, use a, second, root, use");
  equal(await trace("/a/bad"), "second, root, use");
});

Deno.test("ctx.state is shared by the steps of one request, never by two requests", async () => {
  const app = new App<State>()
    .use((ctx) => {
      ctx.state.trace = [...(ctx.state.trace ?? []), "mw"];
      return ctx.next();
    })
    .get("/", (ctx) => Response.json(ctx.state.trace));
  equal((await ask(app, "/"))[1], `["mw"]`);
  equal((await ask(app, "/"))[1], `["mw"]`);
});

Deno.test("a middleware outside all can catch, render and set headers", async () => {
  const app = withFiles(
    { _app: { default: Box("app") }, "[id]": { handler: fail(new TypeError("boom")) } },
    (app) =>
      app.use(async (ctx: Context<State>) => {
        let response: Response;
        try {
          response = await ctx.next();
        } catch (error) {
          response = await ctx.render(<p>{String(error)}</p>, { status: 503 });
        }
        response.headers.set("x-outer", "1");
        return response;
      }),
  );
  const [status, body, headers] = await ask(app, "/7");
  same([status, body, headers.get("x-outer")], [503, wrap(`<div id="app"><p>TypeError: boom</p></div>`), "1"]);
  same((await ask(app, "/a/b")).slice(0, 2), [503, wrap(`<div id="app"><p>HttpError</p></div>`)]);
});

const both = define.handlers({ GET: () => new Response("got"), POST: () => new Response("posted") });
const methodCases: [name: string, method: string, path: string, status: number, body: string][] = [
  ["calls the handler of the method", "POST", "/file", 200, "posted"],
  ["answers HEAD with GET, without a body", "HEAD", "/file", 200, ""],
  ["answers 404 for a method that a file lacks", "PUT", "/file", 404, "Error 404"],
  ["answers 405 for a method that app.get lacks", "PUT", "/app", 405, "Error 405"],
  ["answers 404 for an unknown method", "BREW", "/app", 404, "Error 404"],
  ["reads a run of slashes as one", "GET", "//app", 200, "app"],
];
for (const [name, method, path, status, body] of methodCases) {
  Deno.test(`handler() ${name}`, async () => {
    const app = withFiles({ file: { handler: both } }, (app) => app.get("/app", () => new Response("app")));
    same((await ask(app, path, { method })).slice(0, 2), [status, body]);
  });
}

Deno.test("handler() passes a stream on untouched, and closes it for HEAD", async () => {
  let cancelled = false;
  const body = () => new ReadableStream({ cancel: () => void (cancelled = true) });
  const response = new Response(body(), { headers: { "content-type": "text/event-stream" } });
  const app = new App<State>().get("/same", () => response).get("/head", () => new Response(body()));
  equal(await app.handler()(new Request("http://host/same")), response);
  equal((await app.handler()(new Request("http://host/head", { method: "HEAD" }))).body, null);
  equal(cancelled, true);
});

Deno.test("a route registered before onError() does not get its page", async () => {
  const bad = fail(new HttpError(418, "tea"));
  const app = new App<State>().get("/early", bad).onError("*", () => new Response("page")).get("/late", bad);
  equal((await ask(app, "/early"))[1], "tea");
  equal((await ask(app, "/late"))[1], "page");
});

Deno.test("appWrapper(), layout(), notFound() and route() do what the files do", async () => {
  const app = new App<State>()
    .appWrapper(({ Component }) => (
      <html>
        <head></head>
        <body>
          <Component />
        </body>
      </html>
    ))
    .layout("/in", ({ Component }) => (
      <div>
        <Component />
      </div>
    ))
    .notFound((ctx) => new Response(`no ${ctx.url.pathname}`, { status: 404 }))
    .route("/in/page", { component: Hello })
    .route("/in/half", { handler: both });
  equal((await ask(app, "/in/page"))[1], "<html><head></head><body><div><b>hello</b></div></body></html>");
  same((await ask(app, "/none")).slice(0, 2), [404, "no /none"]);
  equal((await ask(app, "/in/half", { method: "PUT" }))[0], 405);
});

const places: [name: string, to: string, location: string][] = [
  ["goes to a path", "/a?b=//c#d", "/a?b=//c#d"],
  ["does not leave the host by slashes", "//evil.example/", "/evil.example/"],
  ["does not leave the host by a backslash", "/\\evil.example/", "/evil.example/"],
  ["goes to a full address", "https://other.example/", "https://other.example/"],
];
for (const [name, to, location] of places) {
  Deno.test(`redirect() ${name}`, async () => {
    const app = new App<State>().get("/", (ctx) => ctx.redirect(to, 303));
    const [status, , headers] = await ask(app, "/");
    same([status, headers.get("location")], [303, location]);
  });
}

Deno.test("Head moves into the document's head, and the innermost title wins", async () => {
  const app = new App<State>()
    .appWrapper(({ Component }) => (
      <html>
        <head>
          <title>app</title>
        </head>
        <body>
          <Component />
        </body>
      </html>
    ))
    .layout("/", ({ Component }) => (
      <>
        <Head>
          <title>layout</title>
        </Head>
        <Component />
      </>
    ))
    .get("/", (ctx) =>
      ctx.render(
        <main>
          <Head>
            <title>$& {"<page>"}</title>
            <meta name="a" content="b" />
          </Head>text
        </main>,
      ));
  equal(
    (await ask(app, "/"))[1],
    `<html><head><title>$&amp; &lt;page></title><meta name="a" content="b"/></head><body><main>text</main></body></html>`,
  );
});

Deno.test("each page has its own nonce, on its inline scripts and styles", async () => {
  const app = new App<State>().get("/", (ctx) =>
    ctx.render(
      <>
        <script>1</script>
        <style>a</style>
      </>,
    ));
  const nonces = async () => [...(await ask(app, "/"))[1].matchAll(/ nonce="(\w{32})"/g)].map(([, nonce]) => nonce);
  const [first, second] = [await nonces(), await nonces()];
  equal(first.length, 2);
  equal(first[0], first[1]);
  match(`${first[0]} ${second[0]}`, /^(\w+) (?!\1)/);
});

Deno.test("pages rendered at the same time do not mix", async () => {
  const Slow = async (props: PageProps) => {
    await Promise.resolve();
    return (
      <>
        <Head>
          <title>{props.params.id}</title>
        </Head>
        <p>{props.params.id}</p>
      </>
    );
  };
  const handler = withFiles({ "[id]": { default: Slow } }).handler();
  const ids = ["1", "2", "3"];
  const bodies = await Promise.all(ids.map(async (id) => (await handler(new Request(`http://host/${id}`))).text()));
  bodies.forEach((body, i) => match(body, new RegExp(`<title>${ids[i]}</title></head><body><p>${ids[i]}</p></body>`)));
});

Deno.test("JSX that was compiled to texts says what is false of aria and data attributes, as other JSX does", () => {
  const cases: readonly (readonly [name: string, value: unknown, written: string])[] = [
    ["aria-pressed", false, 'aria-pressed="false"'],
    ["aria-pressed", true, 'aria-pressed="true"'],
    ["data-final", true, 'data-final="true"'],
    ["data-final", undefined, ""],
    ["hidden", false, ""],
    ["hidden", true, "hidden"],
  ];
  for (const [name, value, written] of cases) equal(jsxAttr(name, value), written);
});
