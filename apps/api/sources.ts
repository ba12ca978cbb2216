import type { Jukebase } from "@jukebase/domains/open.ts";
import { declareSource, type Source } from "@jukebase/events";
import { pgExecutor } from "@jukebase/platform";

const fresh_ms = 2_000;

/** Looks sources up by name, at most every 2 s each: declaring one writes its row, which is too much to do for every request. */
export function sourcesOf({ database }: Pick<Jukebase, "database">): (name: string) => Promise<Source> {
  const known = new Map<string, { readonly source: Promise<Source>; readonly until_ms: number }>();
  return (name) => {
    const now_ms = performance.now();
    const found = known.get(name);
    if (found !== undefined && found.until_ms > now_ms) return found.source;
    const source = declareSource(pgExecutor(database.pg), name);
    known.set(name, { source, until_ms: now_ms + fresh_ms });
    source.catch(() => known.delete(name)); // The one who asked hears of the failure; the next one asks again.
    return source;
  };
}
