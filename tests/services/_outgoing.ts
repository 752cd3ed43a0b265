/**
 * Deliveries for tests of what carries them.
 *
 * @module
 */
import {
  channelId,
  type ChannelKind,
  type Delivery,
  deliveryId,
  type EpochMs,
  epochMs,
  incidentId,
  jobId,
} from "@jobtrigger/shared/domain";
import type { Outgoing } from "../../services/notifier/channels.ts";

/** When the tests are. */
export const NOW: EpochMs = epochMs(Date.UTC(2026, 0, 5));

/** A delivery about an incident. */
export function delivery(changed: Partial<Delivery> = {}): Delivery {
  return {
    id: deliveryId(1),
    publicId: "alert_1",
    channelId: channelId(1),
    channelName: "ops",
    incidentId: incidentId(3),
    jobId: jobId(7),
    kind: "opened",
    notice: { title: "Alert: job Backup <b>: Failures", text: "Run 1 failed." },
    createdAt: NOW,
    attempts: 2,
    nextAt: null,
    endedAt: null,
    isDelivered: null,
    error: null,
    ...changed,
  };
}

/** The same, on its way to a channel. */
export function outgoing(
  kind: ChannelKind,
  url: string,
  changed: Partial<Delivery> = {},
  token: string | null = null,
): Outgoing {
  const times = { createdAt: NOW, updatedAt: NOW };
  const address = {
    id: channelId(1),
    name: "ops",
    kind,
    address: "",
    from: "jobs@example.com",
    to: ["ops@example.com"],
  };
  const channel = { ...address, isEnabled: true, ...times, url, token };
  return { delivery: delivery(changed), channel, publicUrl: "https://jobs.example.com", now: NOW };
}
