import { definitions, html, table } from "@jukebase/console";
import type { Consumers } from "@jukebase/domains/consumers.ts";
import { type Modes, usualModes } from "@jukebase/events";

/** Who reads an event type, with links. */
export function readers({ projections, marts, reports }: Consumers) {
  const links = (names: readonly string[], folder: string) =>
    names.length === 0
      ? "none"
      : html`${names.map((name, n) => html`${n > 0 ? ", " : ""}<a href="${folder + name}">${name}</a>`)}`;
  return definitions([
    ["Projections", projections.length === 0 ? "none" : projections.join(", ")],
    ["Marts", links(marts, "/marts/")],
    ["Reports", links(reports, "/reports/")],
  ]);
}

/** What becomes of that which the contract of a type does not foresee. The mode for types without a contract says nothing of this one. */
export function modeTable(modes: Modes) {
  const rows = (["columns", "data_type"] as const).map((entity) => ({
    entity,
    mode: modes[entity],
    meaning: meanings[entity][modes[entity]],
    usual: modes[entity] === usualModes[entity],
  }));
  return table({
    caption: "Modes",
    captionHidden: true,
    fields: [
      { name: "entity", type: "text", description: "What may be unforeseen." },
      { name: "mode", type: "text", description: "What becomes of it." },
      { name: "meaning", type: "text", description: "The same in words." },
      { name: "usual", type: "boolean", description: "Whether nobody said otherwise." },
    ],
    rows,
    empty: "It has none.",
  });
}

const meanings = {
  columns: {
    evolve: "A field that it does not name is kept, sealed, with the event.",
    freeze: "An event with a field that it does not name goes to quarantine.",
    discard_row: "An event with a field that it does not name is discarded, and stays in quarantine marked so.",
    discard_value: "A field that it does not name is taken out of the event, and stays in quarantine marked so.",
  },
  data_type: {
    evolve: "An optional value that breaks its rule is kept, sealed, with the event.",
    freeze: "An event with a value that breaks its rule goes to quarantine.",
    discard_row: "An event with a value that breaks its rule is discarded, and stays in quarantine marked so.",
    discard_value: "An optional value that breaks its rule is taken out of the event, and stays in quarantine marked so.",
  },
} as const;
