/** How big a world is. */
export type Scale = "small" | "medium" | "large";

/** What a scale holds; `events` is the number of lines aimed at, the rest of them are plays. */
export type Size = {
  readonly events: number;
  readonly months: number;
  readonly agents: number;
  readonly customers: number;
  readonly devices: number;
  readonly artists: number;
  readonly songs: number;
};

/** The sizes by scale. */
export const sizes: Readonly<Record<Scale, Size>> = {
  small: { events: 10_000, months: 24, agents: 8, customers: 60, devices: 220, artists: 30, songs: 150 },
  medium: { events: 1_000_000, months: 36, agents: 60, customers: 3_000, devices: 9_000, artists: 400, songs: 3_000 },
  large: { events: 10_000_000, months: 36, agents: 200, customers: 10_000, devices: 30_000, artists: 1_500, songs: 10_000 },
};
