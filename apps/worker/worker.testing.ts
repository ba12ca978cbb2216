import type { Jukebase } from "@jukebase/domains/open.ts";
import { type OpenedForTest, openedForTest } from "@jukebase/domains/opened.testing.ts";
import { declareSource, type Received, take } from "@jukebase/events";
import { type Domain, pgExecutor, systemClock } from "@jukebase/platform";

/** Opens an empty installation over a database of its own; `domains` other than the real ones when given. */
export function testInstallation(domains?: readonly Domain[]): Promise<OpenedForTest> {
  return openedForTest({ clock: systemClock, connections: 6, ...(domains === undefined ? {} : { domains }) });
}

/** Asks again every 50 ms until the answer is there; fails after 10 s with what was waited for. */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`Waited in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Takes one event in. */
export async function receive(jukebase: Jukebase, envelope: Record<string, unknown>): Promise<void> {
  const source = await declareSource(pgExecutor(jukebase.database.pg), "shop");
  const received: Received = { line: 1, end: 0, bytes: Buffer.from(JSON.stringify(envelope)), outcome: { ok: true, envelope } };
  const [verdict] = await take(jukebase, [received], { source });
  if (verdict?.outcome !== "accepted") throw new Error(`The event was ${verdict?.outcome}.`);
}

/** How many events stand in a projection's fact tables. */
export async function projected(jukebase: Jukebase, name: string): Promise<number> {
  const projection = jukebase.domains.flatMap((domain) => domain.projections).find((one) => one.name === name);
  const tables = Object.values(projection?.facts ?? {}).map((table) => `select log_id from ${projection?.schema}.${table}`);
  const { rows } = await jukebase.database.pg.query<{ facts: number }>(
    `select count(*)::int as facts from (${tables.join(" union all ")}) as facts`,
  );
  return rows[0]?.facts ?? 0;
}
