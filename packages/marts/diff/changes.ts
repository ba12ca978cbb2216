import { fileOf } from "../define-mart.ts";
import type { Planned } from "../plan.ts";
import type { Built } from "../registry.ts";
import type { MartText } from "../texts.ts";
import { type Reason, reasonsOf } from "./reasons.ts";

/** What a build would do with one mart. `words`: only what is said of it, or what its readers see, differs. */
export type MartChange = {
  readonly name: string;
  readonly change: "new" | "changed" | "words" | "removed";
  /** The file of its SELECT; undefined when it is to be removed. */
  readonly file: string | undefined;
  readonly why: readonly Reason[];
  /** Its SELECT as built, where that is kept, and as its source says now. */
  readonly before: string | undefined;
  readonly after: string | undefined;
};

/** What is built: the registered marts, what is kept of the text of each store, and the stores of which somebody dropped a part by hand. */
export type Standing = {
  readonly registered: readonly Built[];
  readonly texts: ReadonlyMap<string, MartText>;
  readonly broken: ReadonlySet<string>;
};

/** What would change if the planned marts were built, in the order of building; what is to be removed comes last. */
export function martChanges(planned: readonly Planned[], { registered, texts, broken }: Standing): MartChange[] {
  const built = new Map(registered.map((mart) => [mart.name, mart]));
  const changes = planned.flatMap((plan) => changeOf(plan, built, { texts, broken }) ?? []);
  const names = new Set(planned.map(({ name }) => name));
  const removed = registered.filter(({ name }) => !names.has(name)).map(({ name, store }) => removal(name, texts.get(store)));
  return [...changes, ...removed];
}

function changeOf(
  plan: Planned,
  built: ReadonlyMap<string, Built>,
  { texts, broken }: Omit<Standing, "registered">,
): MartChange | undefined {
  const known = built.get(plan.name);
  const text = known === undefined ? undefined : texts.get(known.store);
  const about = { name: plan.name, file: fileOf(plan.mart), before: text?.parts.own.select, after: plan.select.text };
  if (known === undefined) return { ...about, change: "new", why: [] };
  const why = reasonsOf(plan, { known, text, built });
  if (broken.has(known.store)) return { ...about, change: "changed", why: [...why, dropped] };
  if (known.store !== plan.store) return { ...about, change: "changed", why };
  return known.documentation_hash === plan.documentation_hash ? undefined : { ...about, change: "words", why };
}

const dropped: Reason = { part: "dropped", says: "a part of it, or of what it stands on, was dropped by hand" };

function removal(name: string, text: MartText | undefined): MartChange {
  return { name, change: "removed", file: undefined, why: [], before: text?.parts.own.select, after: undefined };
}
