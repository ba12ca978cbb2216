import { type Database, pgExecutor } from "@jukebase/platform";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { alone, fillingDatabase } from "./rebuilding.ts";

let own: TestDatabase;
let filling: Database;
const warnings: string[] = [];
const note = (warning: Error): void => void warnings.push(warning.message);

beforeAll(async () => {
  own = await testDatabase();
  process.on("warning", note);
  filling = await fillingDatabase({ database: { url: own.url } }, 4);
});
afterAll(async () => {
  process.off("warning", note);
  await filling?.end();
  await own?.drop();
});

it("every connection of a rebuild is tuned before anybody uses it, and no query is sent into another", async () => {
  const settings = `
    select pg_backend_pid() as pid, concat_ws(
      ' ', current_setting('synchronous_commit'), current_setting('work_mem'), current_setting('jit'), current_setting('timezone')
    ) as settings
    from pg_sleep(0.05)`;
  const db = pgExecutor(filling.pg);
  const rows = await Promise.all([1, 2, 3, 4].map(() => db.query<{ pid: number; settings: string }>(settings)));
  expect(new Set(rows.flat().map(({ pid }) => pid)).size).toBe(4);
  expect(new Set(rows.flat().map((row) => row.settings))).toEqual(new Set(["off 64MB off UTC"]));
  expect(await alone(filling, false, async () => "done")).toBe("done");
  await new Promise(setImmediate); // Warnings are told after the turn in which they arose.
  expect(warnings).toEqual([]);
});
