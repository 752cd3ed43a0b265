import { HttpError, page } from "fresh";
import { Page } from "../../../components/Page.tsx";
import type { Doc } from "../../../format/doc.ts";
import { readDocs } from "../../../server/help.ts";
import { define } from "../../../utils.ts";

/** Shows a page of the documentation. */
export const handler = define.handlers<Doc>({
  async GET({ params }) {
    const doc = (await readDocs()).find(({ slug }) => slug === params["page"]);
    if (doc === undefined) throw new HttpError(404);
    return page(doc);
  },
});

/** A page of the documentation, with its chapters beside it. */
export default define.page<typeof handler>(function DocPage({ data: { title, html, sections } }) {
  const chapters = sections.filter(({ level }) => level === 2);
  return (
    <Page title={title} crumbs={[["/help", "Help"]]}>
      <div class="split doc">
        {chapters.length > 1 && (
          <nav class="panel" aria-labelledby="chapters">
            <header>
              <h2 id="chapters">On this page</h2>
            </header>
            <ul class="list short">
              {chapters.map(({ id, title }) => (
                <li key={id}>
                  <a class="name" href={`#${id}`}>{title}</a>
                </li>
              ))}
            </ul>
          </nav>
        )}
        {/* Written by the build from the project's own files (`app/docs.ts`), which escapes what they hold as HTML. */}
        <article class="panel">
          <div class="body prose" dangerouslySetInnerHTML={{ __html: html }} />
        </article>
      </div>
    </Page>
  );
});
