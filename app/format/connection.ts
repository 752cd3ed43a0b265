/** How a page is connected. `polling`: events come in short answers, because a long one does not get through. */
export type Connection = "connecting" | "live" | "paused" | "reconnecting" | "polling" | "ended";
