/** What people call a time zone beside its name and its city: letters on clocks, countries, other large cities. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  "Africa/Cairo": ["Egypt"],
  "Africa/Johannesburg": ["SAST", "South Africa", "Cape Town"],
  "Africa/Lagos": ["WAT", "Nigeria"],
  "Africa/Nairobi": ["EAT", "Kenya"],
  "America/Chicago": ["CDT", "Central", "Dallas", "Houston"],
  "America/Denver": ["MDT", "Mountain", "Salt Lake City"],
  "America/Los_Angeles": ["PST", "PDT", "PT", "Pacific", "San Francisco", "Seattle"],
  "America/Mexico_City": ["Mexico"],
  "America/New_York": ["EDT", "ET", "Eastern", "Boston", "Miami", "Washington"],
  "America/Sao_Paulo": ["BRT", "Brazil"],
  "America/Toronto": ["Ottawa"],
  "Asia/Bangkok": ["ICT", "Thailand"],
  "Asia/Dubai": ["GST", "Abu Dhabi", "Emirates"],
  "Asia/Hong_Kong": ["HKT"],
  "Asia/Jakarta": ["WIB", "Indonesia"],
  "Asia/Jerusalem": ["Israel", "Tel Aviv"],
  "Asia/Karachi": ["PKT", "Pakistan"],
  "Asia/Kolkata": ["IST", "India", "Bangalore", "Chennai", "Delhi", "Mumbai"],
  "Asia/Manila": ["PHT", "Philippines"],
  "Asia/Riyadh": ["Saudi Arabia"],
  "Asia/Seoul": ["KST", "Korea"],
  "Asia/Shanghai": ["China", "Beijing", "Peking", "Shenzhen", "Guangzhou"],
  "Asia/Singapore": ["SGT"],
  "Asia/Taipei": ["Taiwan"],
  "Asia/Tokyo": ["JST", "Japan", "Osaka"],
  "Australia/Sydney": ["AEST", "AEDT", "Canberra"],
  "Europe/Athens": ["Greece"],
  "Europe/Berlin": ["CEST", "Germany", "Frankfurt", "Hamburg", "Munich"],
  "Europe/Dublin": ["Ireland"],
  "Europe/Istanbul": ["TRT", "Turkey"],
  "Europe/Kyiv": ["EEST", "Ukraine"],
  "Europe/London": ["BST", "UK", "England", "Britain"],
  "Europe/Madrid": ["Spain", "Barcelona"],
  "Europe/Moscow": ["MSK", "Russia"],
  "Europe/Paris": ["France"],
  "Europe/Rome": ["Italy", "Milan"],
  "Europe/Warsaw": ["Poland"],
  "Europe/Zurich": ["Switzerland", "Geneva"],
  "Pacific/Auckland": ["NZST", "NZDT", "New Zealand"],
  "Pacific/Honolulu": ["HST", "Hawaii"],
};

/** A zone with the words that find it. */
export interface NamedZone {
  /** Its IANA name. */
  readonly zone: string;
  /** Its city, then what else people call it: `Hong Kong, HKT`. */
  readonly words: string;
}

/** Each zone of the database of zones with what people call it, UTC first. */
export function namedZones(): readonly NamedZone[] {
  const zones = new Set([...Intl.supportedValuesOf("timeZone"), ...Object.keys(WORDS)]);
  zones.delete("UTC");
  const named = [...zones].sort().map((zone) => ({ zone, words: [cityOf(zone), ...WORDS[zone] ?? []].join(", ") }));
  return [{ zone: "UTC", words: "Coordinated Universal Time, GMT, Z" }, ...named];
}

/** The zone that people call so, in any case; null: none, or not only one. */
export function zoneCalled(word: string): string | null {
  const wanted = word.trim().replaceAll(/[\s_]+/g, " ").toLowerCase();
  const known = Object.entries(WORDS).find(([, words]) => words.some((one) => one.toLowerCase() === wanted))?.[0];
  if (known !== undefined) return known;
  const [zone, ...others] = Intl.supportedValuesOf("timeZone").filter((one) => cityOf(one).toLowerCase() === wanted);
  return others.length === 0 ? zone ?? null : null;
}

function cityOf(zone: string): string {
  return zone.slice(zone.lastIndexOf("/") + 1).replaceAll("_", " ");
}
