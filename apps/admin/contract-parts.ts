import { definitions, html } from "@jukebase/console";
import type { Consumers } from "@jukebase/domains/consumers.ts";

/** Who reads an event type, with links. */
export function readers({ projections, marts, reports }: Consumers) {
  const links = (names: readonly string[], folder: string) =>
    names.length === 0
      ? "none"
      : html`${names.map((name, n) => html`${n > 0 ? ", " : ""}<a href="${folder + name}">${name}</a>`)}`;
  return definitions([
    ["Projections", projections.length === 0 ? "none" : projections.join(", ")],
    ["Marts", links(marts, "/marts/"), "whole"],
    ["Reports", links(reports, "/reports/"), "whole"],
  ]);
}
