import { type Choice, checkbox, filterBar, type Html, html, selectField, textField } from "@jukebase/console";
import type { Direction, Graph } from "@jukebase/marts/lineage/graph.ts";
import { Invalid } from "@jukebase/platform";
import type { LineageView } from "./links.ts";

/** Where to look from, how far, and which way: a form whose state is the address. */
export function lineageControls({ nodes }: Graph, { focus, depth, direction, columns, column }: LineageView): Html {
  const shown = nodes.find(({ id }) => id === focus);
  const fields = html`${textField({
    name: "focus",
    label: "Around",
    value: shown?.kind === "mart" ? shown.name : focus,
    placeholder: "a mart, table, report …",
    suggestions: nodes.map(({ id, kind, name }) => (kind === "mart" ? name : id)),
  })}${selectField({ name: "depth", label: "Steps", value: depth === undefined ? "" : String(depth), choices: depths })}${selectField({ name: "direction", label: "Which way", value: direction ?? "", choices: directions })}${checkbox({ name: "columns", label: "By column", value: "1", checked: columns ?? false })}`;
  const keep = column === undefined || !columns ? {} : { column };
  return filterBar({
    action: "/lineage",
    label: "What to draw",
    fields,
    keep,
    clear: focus === undefined ? undefined : "/lineage",
  });
}

/** The number of steps that an address asks for; undefined is the usual two. */
export function depthOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d?$/.test(text)) throw new Invalid(`depth is a number of steps from 1 to 99, not "${text}".`);
  return Number(text);
}

/** The direction that an address asks for. */
export function directionOf(text: string | undefined): Direction | undefined {
  const known = (["both", "upstream", "downstream"] as const).find((one) => one === text);
  if (text !== undefined && known === undefined) throw new Invalid(`direction is both, upstream or downstream; not "${text}".`);
  return known;
}

const depths: readonly Choice[] = [
  { value: "", label: "2" },
  { value: "1", label: "1" },
  { value: "3", label: "3" },
  { value: "5", label: "5" },
  { value: "99", label: "all" },
];

const directions: readonly Choice[] = [
  { value: "", label: "both ways" },
  { value: "upstream", label: "what it stands on" },
  { value: "downstream", label: "what stands on it" },
];
