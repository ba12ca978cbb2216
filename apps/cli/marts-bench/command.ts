import { openJukebase } from "@jukebase/domains/open.ts";
import { withBenchDatabase } from "../bench-database.ts";
import type { Cli } from "../cli.ts";
import { type Compared, measureRefreshes, type Refreshes } from "./refreshes.ts";

/** What `jukebase bench marts` may be told. */
export type MartsFlags = { readonly rows: number; readonly events: number };

const days = 365;

/** Measures the marts, prints each figure, and answers with all of them. */
export async function martsCommand(cli: Cli, { rows }: MartsFlags): Promise<void> {
  await withBenchDatabase(cli, async (config) => {
    const jukebase = await openJukebase(config, { name: "jukebase bench" });
    try {
      const found = await measureRefreshes(jukebase.database.pg, { rows, days }, cli.terminal.progress);
      cli.terminal.answer({
        bench: "marts",
        ...found,
        ratio_one_day: found.one_day.ratio,
        ratio_30_days: found.thirty_days.ratio,
      });
      print(cli, found);
    } finally {
      await jukebase.close();
    }
  });
}

function print({ terminal }: Cli, { one_day, thirty_days, difference_rows, marking, swap }: Refreshes): void {
  for (const one of [one_day, thirty_days]) terminal.print(inWords(one));
  terminal.print(`Rows that differ from a computation from scratch: ${difference_rows}`);
  terminal.print(`Writing with marks takes ${marking.ratio} of the time without`);
  terminal.print(
    `A swap held strong locks on ${swap.locks} relations for ${swap.held_ms} ms; no read waited longer than ${swap.reader_most_ms} ms`,
  );
}

function inWords({ days: dirtied, rollup_ms, materialized_ms, ratio, reader_most_ms }: Compared): string {
  const what = dirtied === 1 ? "One dirty day" : `${dirtied} dirty days`;
  return `${what}: ${rollup_ms} ms, REFRESH MATERIALIZED VIEW CONCURRENTLY ${materialized_ms} ms: ${ratio} times as fast; no read waited longer than ${reader_most_ms} ms`;
}
