import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { pgExecutor } from "@jukebase/platform";
import type { RequestHandler } from "express";

const migrations = fileURLToPath(new URL("migrations", import.meta.resolve("@jukebase/db")));
const answer_ms = 2_000;

/** `GET /health`: the process is up, whatever is around it. */
export const answerHealth: RequestHandler = (_request, response) => {
  response.json({ status: "up" });
};

/** `GET /ready`: requests can be served: the database answers, is migrated as far as this source, and nobody is shutting down. */
export function answerReady(jukebase: Pick<Jukebase, "database">, isClosing: () => boolean): RequestHandler {
  return async (_request, response) => {
    const checks = { ...(await checkDatabase(jukebase)), process: isClosing() ? "is shutting down" : "ok" };
    const ready = Object.values(checks).every((check) => check === "ok");
    response
      .status(ready ? 200 : 503)
      .set(ready ? {} : { "retry-after": "5" })
      .json({ status: ready ? "ready" : "not ready", checks });
  };
}

type Checks = { readonly database: string; readonly migrations: string };

async function checkDatabase({ database }: Pick<Jukebase, "database">): Promise<Checks> {
  const asked = pgExecutor(database.pg).query<{ name: string }>("select name from platform_history.migration");
  const rows = await Promise.race([asked, late()]).catch(() => undefined);
  if (rows === undefined) return { database: "does not answer", migrations: "unknown" };
  const applied = new Set(rows.map(({ name }) => name));
  const known = (await readdir(migrations)).filter((file) => file.endsWith(".sql")).map((file) => file.slice(0, -".sql".length));
  const missing = known.filter((name) => !applied.has(name));
  return { database: "ok", migrations: missing.length === 0 ? "ok" : `missing: ${missing.join(", ")}` };
}

function late(): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error("The database took too long.")), answer_ms).unref();
  });
}
