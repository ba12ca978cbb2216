import type { Login } from "@jukebase/platform/login.ts";
import { quoted } from "../quote.ts";
import { codeOf } from "../session.ts";
import type { Finding, Probe, Scene } from "./probe.ts";
import { settingsOf } from "./readers.ts";

type Look = Pick<Finding, "outcome" | "found">;

/** How much a reader may take of the server. */
export const limitsProbes: readonly Probe[] = [
  {
    name: "has its settings from the beginning of each session",
    next: "A role may change its own settings. Set them anew: drop the role and make it again, and ask who changed them.",
    look: hasSettings,
  },
  {
    name: "is stopped when a statement takes too long",
    next: "Set statement_timeout of the role anew. A session may lift it; the limits of connections and of temporary files stay.",
    look: isStopped,
  },
  {
    name: "has no more sessions than it may",
    next: "Set the limit anew: alter role … connection limit ….",
    look: isLimited,
  },
];

async function hasSettings({ reader, owner, again }: Scene): Promise<Look> {
  const expected = await settingsOf(owner, reader);
  const [kept] = await owner.query<{ settings: string[] | null }>(
    `select setconfig as settings
     from pg_db_role_setting
     join pg_roles on pg_roles.oid = pg_db_role_setting.setrole
     where pg_roles.rolname = $1 and pg_db_role_setting.setdatabase = 0`,
    [reader.name],
  );
  const session = await again();
  try {
    const wrong: string[] = [];
    for (const [setting, value] of expected) {
      const [now] = await session.query<{ value: string | null }>("select current_setting($1, true) as value", [setting]);
      const isKept =
        kept?.settings?.some((line) => line.replaceAll('"', "").toLowerCase() === `${setting}=${value}`.toLowerCase()) === true;
      if (!isKept || !isSame(now?.value ?? "", value)) wrong.push(`${setting} is ${now?.value ?? "not set"}, not ${value}`);
    }
    if (wrong.length > 0) return { outcome: "weak", found: wrong.join(", ") };
    return { outcome: "held", found: expected.map(([setting, value]) => `${setting} ${value}`).join(", ") };
  } finally {
    await session.end();
  }
}

// A real wait for the reader's own limit would take as long; the login that was made for this gets a short one.
async function isStopped({ reader, owner, temporary, again }: Scene): Promise<Look> {
  if (temporary === undefined)
    return { outcome: "held", found: `${reader.timeout_ms} ms are set; tried in an examination with a login of its own` };
  await owner.query(`alter role ${quoted(temporary)} set statement_timeout = '100ms'`);
  const session = await again();
  try {
    await session.query("select pg_sleep(2)");
    return { outcome: "broken", found: "a statement of 2 s passed a limit of 0.1 s" };
  } catch (error) {
    if (codeOf(error) !== queryCanceled) throw error;
    return { outcome: "held", found: `a statement was stopped after 0.1 s; the reader's own limit is ${reader.timeout_ms} ms` };
  } finally {
    await session.end();
  }
}

async function isLimited({ reader, owner, temporary, again }: Scene): Promise<Look> {
  const [role] = await owner.query<{ limit: number }>(`select rolconnlimit as limit from pg_roles where rolname = $1`, [
    reader.name,
  ]);
  if (role?.limit !== reader.connections)
    return { outcome: "broken", found: `its limit is ${role?.limit === -1 ? "none" : role?.limit}, not ${reader.connections}` };
  if (temporary === undefined || reader.connections > tried_max)
    return { outcome: "held", found: `${reader.connections} are set; the sessions that it has were left in peace` };
  const opened: Login[] = [];
  try {
    // The examination has one session itself.
    while (opened.length < reader.connections) opened.push(await again());
    return { outcome: "broken", found: `${opened.length + 1} sessions at once` };
  } catch (error) {
    if (codeOf(error) !== tooManyConnections) throw error;
    return { outcome: "held", found: `session ${opened.length + 2} was refused` };
  } finally {
    await Promise.all(opened.map((session) => session.end()));
  }
}

const tried_max = 20;
const queryCanceled = "57014";
const tooManyConnections = "53300";

function isSame(now: string, set: string): boolean {
  return now === set || inMs(now) === inMs(set);
}

// "30s", "30000ms" and "1min" as milliseconds; sizes and words as they are.
function inMs(text: string): number | string {
  const [, count, unit] = /^(\d+)(ms|s|min|h)$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) return text;
  return Number(count) * ({ ms: 1, s: 1000, min: 60_000, h: 3_600_000 }[unit] ?? 1);
}
