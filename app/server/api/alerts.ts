import { alertRuleId, channelId, epochMs, incidentId, jobId } from "@jobtrigger/shared/domain";
import {
  type AlertInput,
  alertRuleForm,
  channelForm,
  deliveryForm,
  incidentForm,
  type JsonObject,
} from "@jobtrigger/shared/api";
import {
  alertRulesQuery,
  incidentsQuery,
  pageQuery,
  type SentAlertRule,
  sentAlertRule,
  sentAlertRuleChange,
  sentChannel,
  sentChannelSwitch,
  sentSnooze,
} from "@jobtrigger/shared/api/schemas";
import {
  acknowledgeIncident,
  changeRule,
  createChannel,
  createRule,
  deleteChannel,
  deleteRule,
  getIncident,
  listChannels,
  listDeliveries,
  listIncidents,
  listRules,
  type NamedRule,
  snoozeIncident,
  switchChannel,
  testChannel,
  testRule,
} from "@jobtrigger/shared/operations";
import { type ApiOperation, operation, PLAIN } from "./operation.ts";
import { numberOf } from "./subjects.ts";

/** Rows of a page whose request names no number. */
const USUAL_LIMIT = 50;

/** Incidents, rules, channels and deliveries. */
export const ALERT_OPERATIONS: readonly ApiOperation[] = [
  operation({
    ...PLAIN,
    id: "listIncidents",
    method: "GET",
    path: "/incidents",
    permission: "system.read",
    summary: "List incidents that alert rules have opened, newest first",
    query: incidentsQuery,
    answer: { status: 200, shown: "IncidentPage" },
    handle: async ({ context, query: { state, job_id: job, cursor, limit = USUAL_LIMIT } }) => {
      const { items, next } = await listIncidents(context, {
        limit,
        ...(state !== undefined && { state }),
        ...(job !== undefined && { jobId: jobId(job) }),
        ...(cursor !== undefined && { cursor }),
      });
      return { body: { items: items.map(incidentForm), next } };
    },
  }),
  operation({
    ...PLAIN,
    id: "getIncident",
    method: "GET",
    path: "/incidents/{incident}",
    permission: "system.read",
    summary: "Read an incident",
    answer: { status: 200, shown: "Incident" },
    errors: ["not_found"],
    handle: async (request) => ({
      body: incidentForm(await getIncident(request.context, incidentId(numberOf(request, "incident")))),
    }),
  }),
  operation({
    ...PLAIN,
    id: "acknowledgeIncident",
    method: "POST",
    path: "/incidents/{incident}/acknowledge",
    permission: "alerts.acknowledge",
    summary: "Take an incident on; it reminds no more",
    answer: { status: 200, shown: "Incident" },
    errors: ["not_found", "conflict"],
    handle: async (request) => {
      const id = incidentId(numberOf(request, "incident"));
      return { body: incidentForm(await acknowledgeIncident(request.context, { id })) };
    },
  }),
  operation({
    ...PLAIN,
    id: "snoozeIncident",
    method: "POST",
    path: "/incidents/{incident}/snooze",
    permission: "alerts.acknowledge",
    summary: "Silence an incident until a time; it is said once more if it is still open then",
    body: sentSnooze,
    answer: { status: 200, shown: "Incident" },
    errors: ["not_found", "conflict", "invalid"],
    handle: async (request) => {
      const id = incidentId(numberOf(request, "incident"));
      const until = epochMs(Date.parse(request.body.until));
      return { body: incidentForm(await snoozeIncident(request.context, { id, until })) };
    },
  }),
  operation({
    ...PLAIN,
    id: "listAlertRules",
    method: "GET",
    path: "/alert-rules",
    permission: "system.read",
    summary: "List alert rules, or those that cover one job",
    query: alertRulesQuery,
    answer: { status: 200, shown: "AlertRules" },
    errors: ["not_found"],
    handle: async ({ context, query: { job_id: job } }) => {
      const rules = await listRules(context, job === undefined ? {} : { jobId: jobId(job) });
      return { body: { items: rules.map(ruleForm) } };
    },
  }),
  operation({
    ...PLAIN,
    id: "createAlertRule",
    method: "POST",
    path: "/alert-rules",
    permission: "alerts.edit",
    summary: "Make an alert rule",
    body: sentAlertRule,
    answer: { status: 201, shown: "AlertRule" },
    errors: ["not_found", "invalid", "conflict"],
    handle: async ({ context, body }) => ({ body: ruleForm(await createRule(context, inputOf(body))) }),
  }),
  operation({
    ...PLAIN,
    id: "replaceAlertRule",
    method: "PUT",
    path: "/alert-rules/{rule}",
    permission: "alerts.edit",
    summary: "Replace an alert rule, disable or enable it",
    body: sentAlertRuleChange,
    answer: { status: 200, shown: "AlertRule" },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const { is_enabled: isEnabled, ...body } = request.body;
      const id = alertRuleId(numberOf(request, "rule"));
      const change = { id, input: inputOf(body), ...(isEnabled !== undefined && { isEnabled }) };
      return { body: ruleForm(await changeRule(request.context, change)) };
    },
  }),
  operation({
    ...PLAIN,
    id: "testAlertRule",
    method: "POST",
    path: "/alert-rules/{rule}/test",
    permission: "alerts.edit",
    summary: "Send a text by each enabled channel of an alert rule; a notifier carries it",
    answer: { status: 201, shown: "Deliveries" },
    errors: ["not_found", "conflict"],
    handle: async (request) => {
      const id = alertRuleId(numberOf(request, "rule"));
      return { body: { items: (await testRule(request.context, { id })).map(deliveryForm) } };
    },
  }),
  operation({
    ...PLAIN,
    id: "deleteAlertRule",
    method: "DELETE",
    path: "/alert-rules/{rule}",
    permission: "alerts.edit",
    summary: "Delete an alert rule; its open incidents end without a notice",
    answer: { status: 204 },
    errors: ["not_found"],
    handle: async (request) => {
      await deleteRule(request.context, { id: alertRuleId(numberOf(request, "rule")) });
      return { body: null };
    },
  }),
  operation({
    ...PLAIN,
    id: "listChannels",
    method: "GET",
    path: "/alert-channels",
    permission: "alerts.channels",
    summary: "List alert channels, without their secrets",
    answer: { status: 200, shown: "Channels" },
    handle: async ({ context }) => ({ body: { items: (await listChannels(context)).map(channelForm) } }),
  }),
  operation({
    ...PLAIN,
    id: "createChannel",
    method: "POST",
    path: "/alert-channels",
    permission: "alerts.channels",
    summary: "Make an alert channel; the secret that signs a webhook is shown this once",
    body: sentChannel,
    answer: { status: 201, shown: "NewChannel" },
    errors: ["invalid", "conflict"],
    handle: async ({ context, body: { name, kind, url, token, from, to } }) => {
      const input = {
        name,
        kind,
        url,
        ...(token !== undefined && { token }),
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
      };
      const { channel, secret } = await createChannel(context, input);
      return { body: { ...channelForm(channel), secret } };
    },
  }),
  operation({
    ...PLAIN,
    id: "switchChannel",
    method: "PUT",
    path: "/alert-channels/{channel}",
    permission: "alerts.channels",
    summary: "Disable or enable an alert channel",
    body: sentChannelSwitch,
    answer: { status: 200, shown: "Channel" },
    errors: ["not_found", "invalid"],
    handle: async (request) => {
      const change = { id: channelId(numberOf(request, "channel")), isEnabled: request.body.is_enabled };
      return { body: channelForm(await switchChannel(request.context, change)) };
    },
  }),
  operation({
    ...PLAIN,
    id: "testChannel",
    method: "POST",
    path: "/alert-channels/{channel}/test",
    permission: "alerts.channels",
    summary: "Send a text by an alert channel; a notifier carries it",
    answer: { status: 201, shown: "Delivery" },
    errors: ["not_found"],
    handle: async (request) => {
      const id = channelId(numberOf(request, "channel"));
      return { body: deliveryForm(await testChannel(request.context, { id })) };
    },
  }),
  operation({
    ...PLAIN,
    id: "deleteChannel",
    method: "DELETE",
    path: "/alert-channels/{channel}",
    permission: "alerts.channels",
    summary: "Delete an alert channel; what waits for it is given up",
    answer: { status: 204 },
    errors: ["not_found"],
    handle: async (request) => {
      await deleteChannel(request.context, { id: channelId(numberOf(request, "channel")) });
      return { body: null };
    },
  }),
  operation({
    ...PLAIN,
    id: "listDeliveries",
    method: "GET",
    path: "/alert-deliveries",
    permission: "alerts.channels",
    summary: "List deliveries to alert channels, newest first",
    query: pageQuery,
    answer: { status: 200, shown: "DeliveryPage" },
    handle: async ({ context, query: { cursor, limit = USUAL_LIMIT } }) => {
      const { items, next } = await listDeliveries(context, { limit, ...(cursor !== undefined && { cursor }) });
      return { body: { items: items.map(deliveryForm), next } };
    },
  }),
];

function ruleForm({ rule, channels }: NamedRule): JsonObject {
  return alertRuleForm(rule, channels);
}

function inputOf(
  {
    name,
    condition,
    limit,
    label = null,
    job_id: job = null,
    channels,
    remind_seconds: remindSeconds = null,
    quiet = null,
  }: SentAlertRule,
): AlertInput {
  return { name, condition, ...(limit !== undefined && { limit }), label, jobId: job, channels, remindSeconds, quiet };
}
