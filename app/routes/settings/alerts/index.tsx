import { page } from "fresh";
import { Invalid } from "@jobtrigger/shared/domain";
import { createChannel } from "@jobtrigger/shared/operations";
import { AlertChannels, type AlertChannelsProps, CHANNEL_FIELDS } from "../../../components/AlertChannels.tsx";
import { Notice } from "../../../components/Notice.tsx";
import { Page } from "../../../components/Page.tsx";
import { SettingsTabs } from "../../../components/SettingsTabs.tsx";
import { channelsData, readChannelForm, typedChannel } from "../../../server/alert_pages.ts";
import { readFields } from "../../../server/form.ts";
import { operating } from "../../../server/operating.ts";
import { problemsOf } from "../../../server/problems.ts";
import { seeOther } from "../../../server/redirect.ts";
import { define } from "../../../utils.ts";

/** Lists alert channels and makes another; the page that the form leads to shows a webhook's secret once. */
export const handler = define.handlers<Omit<AlertChannelsProps, "view">>({
  async GET({ url, state }) {
    const secret = state.portal.shownOnce.take(state.actor, url.searchParams.get("shown"));
    return page(await channelsData(state, { secret }), { headers: { "cache-control": "no-store" } });
  },
  async POST({ req, state }) {
    const form = await readFields(req, CHANNEL_FIELDS);
    try {
      const context = operating(state);
      const { secret } = await createChannel(context, readChannelForm(form));
      const shown = secret === null ? "" : `&shown=${state.portal.shownOnce.keep(context.actor, secret)}`;
      return seeOther(`/settings/alerts?notice=channel_made${shown}`);
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      const shown = { typed: typedChannel(form), problems: problemsOf(error) };
      return page(await channelsData(state, shown), { status: 422 });
    }
  },
});

/** The alert channels. */
export default define.page<typeof handler>(function ChannelsPage({ data, state, url }) {
  return (
    <Page title="Settings">
      <Notice code={url.searchParams.get("notice")} />
      <SettingsTabs at="alerts" may={state.may} />
      <AlertChannels {...data} view={state.view} />
    </Page>
  );
});
