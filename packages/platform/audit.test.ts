import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { audit, auditTrail, verifyAudit } from "./audit.ts";
import { ownDatabase } from "./own-database.testing.ts";
import { connect, type Database, pgExecutor, transaction } from "./postgres.ts";

const at = new Date("2026-03-01T12:00:00.123Z");
let cloned: Awaited<ReturnType<typeof ownDatabase>>;
let database: Database;

beforeAll(async () => {
  cloned = await ownDatabase();
  database = await connect(cloned.url, { max: 8 });
});

afterAll(async () => {
  await database.end();
  await cloned.drop();
});

beforeEach(async () => {
  await tampering("truncate platform.audit");
  for (const object of ["a", "b", "c"]) await audit(db(), { actor: "cli:test", action: "thing.change", object, why: "why" }, at);
});

test("what is done is told newest first, and the chain holds", async () => {
  await audit(db(), { actor: "cli:test", action: "thing.mend", object: "a", before: { n: 1 }, after: { n: 2 } }, at);
  expect(await auditTrail(db(), { object: "a" })).toMatchObject([
    { seq: 4, action: "thing.mend", before: { n: 1 }, after: { n: 2 }, at: "2026-03-01T12:00:00.123Z" },
    { seq: 1, action: "thing.change", why: "why", before: null },
  ]);
  expect(await verifyAudit(db())).toMatchObject({ entries: 4, broken: [] });
});

test("writers at the same time make one chain without a gap", async () => {
  const writers = Array.from({ length: 40 }, (_, n) =>
    transaction(database.pg, (own) => audit(own, { actor: `cli:${n % 4}`, action: "thing.change", object: String(n) }, at)),
  );
  await Promise.all(writers);
  expect(await verifyAudit(db())).toMatchObject({ entries: 43, broken: [] });
});

test("a deed that is rolled back leaves no trace", async () => {
  const undone = transaction(database.pg, async (own) => {
    await audit(own, { actor: "cli:test", action: "thing.change", object: "x" }, at);
    throw new Error("not after all");
  });
  await expect(undone).rejects.toThrow("not after all");
  expect(await verifyAudit(db())).toMatchObject({ entries: 3, broken: [] });
});

test.each(["update platform.audit set why = 'other'", "delete from platform.audit", "truncate platform.audit"])(
  "the database refuses: %s",
  async (statement) => {
    await expect(db().query(statement)).rejects.toThrow("append-only");
  },
);

test.each([
  ["update platform.audit set why = 'other' where seq = 2", 2, "was changed after it was written"],
  ["delete from platform.audit where seq = 2", 3, "entries before this one are missing"],
  ["delete from platform.audit where seq = 1", 2, "entries before this one are missing"],
  [
    "update platform.audit set why = 'other', hash = platform.audit_hash(row(seq, at, actor, action, object, 'other', before, after, request_id, previous, hash)::platform.audit) where seq = 2",
    3,
    "does not follow the entry before it",
  ],
])("who gets past that is found out: %s", async (statement, seq, what) => {
  await tampering(statement);
  expect((await verifyAudit(db())).broken).toContainEqual({ seq, what });
});

function db() {
  return pgExecutor(database.pg);
}

// As somebody with the database's own rights could.
async function tampering(statement: string): Promise<void> {
  await transaction(database.pg, async (own) => {
    await own.query("set local session_replication_role = replica");
    await own.query(statement);
  });
}
