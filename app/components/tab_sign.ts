import { type Context, createContext } from "preact";
import type { TabSign } from "../format/health.ts";

/** What the tabs of pages say of the system; null: nothing. */
export const TabSignContext: Context<TabSign | null> = createContext<TabSign | null>(null);
