import { viewForm } from "@jobtrigger/shared/api";
import { sentView } from "@jobtrigger/shared/api/schemas";
import { listViews, removeView, saveView } from "@jobtrigger/shared/operations";
import { type ApiOperation, operation, PLAIN } from "./operation.ts";
import { numberOf } from "./subjects.ts";

/** Filters of the list of jobs that the caller keeps under a name. */
export const VIEW_OPERATIONS: readonly ApiOperation[] = [
  operation({
    ...PLAIN,
    id: "listViews",
    method: "GET",
    path: "/views",
    permission: "views.own",
    summary: "List one's own saved views of the list of jobs",
    answer: { status: 200, shown: "Views" },
    handle: async ({ context }) => ({ body: { items: (await listViews(context)).map(viewForm) } }),
  }),
  operation({
    ...PLAIN,
    id: "saveView",
    method: "POST",
    path: "/views",
    permission: "views.own",
    summary: "Save a view of the list of jobs, in place of one's own of the same name",
    body: sentView,
    answer: { status: 201, shown: "View" },
    errors: ["invalid", "conflict"],
    handle: async ({ context, body: { name, filter = "", state = "", sort = "" } }) => {
      const query = new URLSearchParams({ q: filter, state, sort });
      return { body: viewForm(await saveView(context, { name, query: query.toString() })) };
    },
  }),
  operation({
    ...PLAIN,
    id: "removeView",
    method: "DELETE",
    path: "/views/{view}",
    permission: "views.own",
    summary: "Remove one's own saved view",
    answer: { status: 204 },
    errors: ["not_found"],
    handle: async (request) => {
      await removeView(request.context, numberOf(request, "view"));
      return { body: null };
    },
  }),
];
