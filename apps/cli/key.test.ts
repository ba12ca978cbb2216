import { builtDatabase } from "@jukebase/domains/built.testing.ts";

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerOf, called } from "./commands.testing.ts";

let env: Record<string, string>;
let drop: () => Promise<void>;

beforeAll(async () => {
  const database = await builtDatabase();
  drop = database.drop;
  env = {
    DATABASE_URL: database.url,
    JUKEBASE_HOME: "/nowhere",
    JUKEBASE_KEY: Buffer.alloc(32, 7).toString("base64"),
  };
});

afterAll(() => drop?.());

describe("jukebase key", () => {
  test("makes a key with its scope and limits, lists it, rotates it by name and revokes it", async () => {
    const options = [
      "--source",
      "till-1",
      "--source",
      "till-2",
      "--type",
      "Payment.*",
      "--no-reports",
      "--events-per-minute",
      "500",
    ];
    const made = answerOf(await called(["key", "create", "tills", ...options, "--json"], env)) as { id: string; secret: string };
    expect(made).toMatchObject({ source: "till-1", sources: ["till-1", "till-2"], types: ["Payment.*"], reads_reports: false });
    expect(made.secret).toMatch(/^jk_[0-9a-f]{32}_[\w-]{43}$/);
    const turned = answerOf(await called(["key", "rotate", "tills", "--overlap", "30m", "--json"], env)) as { id: string };
    expect(turned).toMatchObject({ replaces: made.id, valid_until: expect.stringMatching(/Z$/) });
    const { keys } = answerOf(await called(["key", "list", "--json"], env)) as { keys: { id: string }[] };
    expect(keys).toMatchObject([
      { id: turned.id, replaces: made.id, types: ["Payment.*"], events_per_minute: 500, revoked_at: null },
      { id: made.id, sources: ["till-1", "till-2"], expires_at: expect.any(String) },
    ]);
    expect((await called(["key", "list"], env)).stdout).toContain("till-1, till-2");
    expect(await called(["key", "revoke", made.id], env)).toMatchObject({ code: 0 });
    expect(await called(["key", "revoke", made.id], env)).toMatchObject({ code: 5 });
  });

  test.each([
    [["rotate", "nobody"], 4, "No valid API key"],
    [["rotate", "x", "--overlap", "soon"], 2, "stretch of time"],
    [["create", "x", "--source", "s", "--type", "Pay*"], 2, "names no event type"],
    [["create", "x", "--source", "s", "--expires", "2001-01-01"], 2, "lies ahead"],
    [["create", "x", "--source", "Not plain"], 2, "cannot name a source"],
  ])("%j ends with %i and says why", async (args, code, said) => {
    const ran = await called(["key", ...args], env);
    expect(ran).toMatchObject({ code, stderr: expect.stringContaining(said) });
  });
});
