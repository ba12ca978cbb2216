import type { Executor } from "@jukebase/platform/executor.ts";
import type { Login } from "@jukebase/platform/login.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { codeOf } from "../session.ts";
import type { Reader } from "./readers.ts";

/** What came of trying something: the server held; it held less than it should, without harm to data; or it did not hold. */
export type Outcome = "held" | "weak" | "broken";

/** What was tried, what came of it, and what to do where it did not hold. */
export type Finding = {
  readonly probe: string;
  readonly outcome: Outcome;
  readonly found: string;
  readonly next?: string;
};

/** What a probe is given: a session as the reader (allowed to write, as far as settings go), and one as the installation itself. */
export type Scene = {
  readonly reader: Reader;
  /** Logs in as the reader once more. Throws what the server says. */
  readonly again: () => Promise<Login>;
  readonly session: Executor;
  readonly owner: Executor;
  readonly marts: readonly Mart[];
  /** The name of a login that was made for this, with the reader's rights; undefined when the reader itself is logged in. */
  readonly temporary: string | undefined;
};

/** Something that a reader must not be able to do (or must be), and what to do when that does not hold. */
export type Probe = {
  readonly name: string;
  readonly next: string;
  readonly look: (scene: Scene) => Promise<Pick<Finding, "outcome" | "found">>;
};

/** An attempt, in words and in SQL; `codes` are errors that are as good as a refusal. */
export type Attempt = { readonly what: string; readonly sql: string; readonly codes?: readonly string[] };

/** Tries each, undoing what was not refused. Held when all are refused; else `otherwise`, naming those that were not. */
export async function allRefused(
  session: Executor,
  attempts: readonly Attempt[],
  otherwise: Outcome = "broken",
): Promise<Pick<Finding, "outcome" | "found">> {
  const passed: string[] = [];
  for (const { what, sql, codes = [] } of attempts) {
    const code = await errorOf(session, sql);
    if (code === undefined) passed.push(what);
    else if (code !== insufficientPrivilege && !codes.includes(code)) passed.push(`${what} (not refused, but failed: ${code})`);
  }
  if (passed.length === 0) return { outcome: "held", found: `${attempts.length} tried, ${attempts.length} refused` };
  const some = passed.slice(0, 5).join("; ");
  return { outcome: otherwise, found: `not refused: ${some}${passed.length > 5 ? ` and ${passed.length - 5} more` : ""}` };
}

/** The SQLSTATE with which a statement fails; undefined when it works, and is undone. */
async function errorOf(session: Executor, sql: string): Promise<string | undefined> {
  await session.query("begin read write");
  try {
    await session.query(sql);
    return undefined;
  } catch (error) {
    return codeOf(error);
  } finally {
    await session.query("rollback");
  }
}

const insufficientPrivilege = "42501";
