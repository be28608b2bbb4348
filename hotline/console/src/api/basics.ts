/** What every shape is made of. */

export type Iso = string;
export type Id = string;
export type Both = { zh: string; en: string };
export type Level = "none_found" | "unknown" | "low" | "moderate" | "high" | "imminent";
