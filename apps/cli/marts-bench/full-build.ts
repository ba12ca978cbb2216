import type { Jukebase } from "@jukebase/domains/open.ts";
import { buildMarts, definitionOf, registeredMarts } from "@jukebase/marts";
import { pgExecutor } from "@jukebase/platform";

/** What building all marts took, and the plain SQL of the same SELECTs, mart by mart. */
export type FullBuild = {
  readonly marts: number;
  readonly rows: number;
  readonly build_ms: number;
  readonly plain_ms: number;
  readonly ratio: number;
  readonly plain: readonly { readonly name: string; readonly ms: number }[];
};

/**
 * Takes all marts away, builds them anew as an installation does (keys, indexes, marks, one snapshot, swap), and then runs each of their
 * SELECTs once more by `create table as`. Marts that are views cost neither anything.
 */
export async function measureBuild({ database, marts, schemas }: Jukebase, say: (line: string) => void): Promise<FullBuild> {
  const pool = database.pg;
  await buildMarts(pool, [], { schemas });
  await pool.query("vacuum analyze");
  await pool.query("checkpoint");
  say("Building all marts");
  const build_ms = await timed(() => buildMarts(pool, marts, { schemas }));
  await pool.query("checkpoint");
  const plain: { name: string; ms: number }[] = [];
  const kept = (await registeredMarts(pgExecutor(pool))).filter(({ kind }) => kind !== "view");
  for (const mart of kept) {
    say(`The plain SQL of ${mart.name}`);
    const ms = await timed(() => pool.query(`create table bench_plain as table marts_store."${definitionOf(mart)}"`));
    await pool.query("drop table bench_plain");
    plain.push({ name: mart.name, ms });
  }
  const plain_ms = plain.reduce((sum, { ms }) => sum + ms, 0);
  const rows = kept.reduce((sum, mart) => sum + (mart.rows ?? 0), 0);
  return { marts: marts.length, rows, build_ms, plain_ms, ratio: Number((build_ms / plain_ms).toFixed(2)), plain };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began_ms = performance.now();
  await work();
  return Math.round(performance.now() - began_ms);
}
