import type { AlertInput } from "@jobtrigger/shared/api";
import {
  readAlertRule,
  readAlertRules,
  readChannel,
  readChannels,
  readDeliveries,
  readDelivery,
  readDeliveryPage,
  readIncident,
  readIncidentPage,
  readNewChannel,
} from "@jobtrigger/shared/api/schemas";
import type { IncidentId } from "@jobtrigger/shared/domain";
import { isoUtc } from "@jobtrigger/shared/time";
import type { AlertsClient } from "./client.ts";
import type { PortalConnection } from "./connection.ts";

/** Alerts through the API of a portal. */
export function alertsOf(connection: PortalConnection): AlertsClient {
  const at = (id: IncidentId, rest: string) => `/incidents/${id}${rest}`;
  return {
    listIncidents: ({ state, jobId, cursor, limit }) =>
      connection.read(readIncidentPage, { path: "/incidents", query: { state, job_id: jobId, cursor, limit } }),
    acknowledgeIncident: (id) => connection.read(readIncident, { method: "POST", path: at(id, "/acknowledge") }),
    snoozeIncident: (id, until) =>
      connection.read(readIncident, { method: "POST", path: at(id, "/snooze"), body: { until: isoUtc(until) } }),
    listAlertRules: async ({ jobId } = {}) =>
      (await connection.read(readAlertRules, { path: "/alert-rules", query: { job_id: jobId } })).items,
    createAlertRule: (input) =>
      connection.read(readAlertRule, { method: "POST", path: "/alert-rules", body: bodyOf(input) }),
    replaceAlertRule: (id, { input, isEnabled }) =>
      connection.read(readAlertRule, {
        method: "PUT",
        path: `/alert-rules/${id}`,
        body: { ...bodyOf(input), ...(isEnabled !== undefined && { is_enabled: isEnabled }) },
      }),
    testAlertRule: async (id) =>
      (await connection.read(readDeliveries, { method: "POST", path: `/alert-rules/${id}/test` })).items,
    deleteAlertRule: (id) => connection.send({ method: "DELETE", path: `/alert-rules/${id}` }),
    listChannels: async () => (await connection.read(readChannels, { path: "/alert-channels" })).items,
    createChannel: (input) =>
      connection.read(readNewChannel, { method: "POST", path: "/alert-channels", body: { ...input } }),
    switchChannel: (id, isEnabled) =>
      connection.read(readChannel, { method: "PUT", path: `/alert-channels/${id}`, body: { is_enabled: isEnabled } }),
    testChannel: (id) => connection.read(readDelivery, { method: "POST", path: `/alert-channels/${id}/test` }),
    deleteChannel: (id) => connection.send({ method: "DELETE", path: `/alert-channels/${id}` }),
    listDeliveries: (query) => connection.read(readDeliveryPage, { path: "/alert-deliveries", query: { ...query } }),
  };
}

function bodyOf({ name, condition, limit, label, jobId, channels, remindSeconds, quiet }: AlertInput) {
  return { name, condition, limit, label, job_id: jobId, channels, remind_seconds: remindSeconds, quiet };
}
