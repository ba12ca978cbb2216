import type { Received } from "@jukebase/events";
import { Invalid } from "@jukebase/platform";
import { Refusal } from "./refusal.ts";
import type { Caller } from "./verify-key.ts";

/**
 * The source that a request speaks for. A key of one source speaks for that. One of several: for the one that the header names, else
 * for the one that its events name, else for the key's first. Throws `Refusal` for a source that the key may not speak for, `Invalid`
 * when the events name several.
 */
export function chooseSource(caller: Caller, header: string | string[] | undefined, received: readonly Received[]): string {
  if (header !== undefined) {
    if (typeof header === "string" && caller.sources.includes(header)) return header;
    throw new Refusal("forbidden", `This key may not speak for the source ${header}, only for ${caller.sources.join(", ")}.`);
  }
  if (caller.sources.length === 1) return caller.source;
  const named = new Set(received.flatMap(({ outcome }) => (outcome.ok ? sourceIn(caller, outcome.envelope.source) : [])));
  if (named.size > 1)
    throw new Invalid(`A request speaks for one source, and these events name ${[...named].join(" and ")}: send them apart.`);
  return [...named][0] ?? caller.source;
}

function sourceIn({ sources }: Caller, named: unknown): string[] {
  return typeof named === "string" && sources.includes(named) ? [named] : [];
}
