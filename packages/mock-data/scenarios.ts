import type { Scale } from "./jukebox/size.ts";

/** A world that can be made: its name, what it is, and the scales it comes in. */
export type Scenario = { readonly name: "jukebox"; readonly title: string; readonly scales: readonly Scale[] };

/** Every scenario. */
export const scenarios: readonly Scenario[] = [
  {
    name: "jukebox",
    title: "Jukebox Inc: devices sold by agents, paid in instalments, played by the million",
    scales: ["small", "medium", "large"],
  },
];
