import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { configVariables, readConfig } from "./config.ts";

describe("the environment", () => {
  test("needs to say nothing", () => {
    expect(readConfig({}, "/srv/jukebase")).toEqual({
      home: "/srv/jukebase/.jukebase",
      databaseUrl: undefined,
      key: undefined,
      sealedDays: 90,
      timeZone: undefined,
      host: "127.0.0.1",
      apiPort: 7410,
      adminPort: 7420,
      logLevel: "info",
    });
  });

  test("is taken as it says", () => {
    const env = {
      DATABASE_URL: "postgresql://host/db",
      DATABASE_URL_FILE: "",
      JUKEBASE_HOME: "/var/lib/jukebase",
      JUKEBASE_ARCHIVE: "/mnt/archive",
      JUKEBASE_KEY: "key",
      JUKEBASE_KEY_FILE: "",
      JUKEBASE_NEW_KEY: "next",
      JUKEBASE_SEALED_DAYS: "30",
      JUKEBASE_TIME_ZONE: "Europe/Rome",
      JUKEBASE_HOST: "0.0.0.0",
      JUKEBASE_API_PORT: "80",
      JUKEBASE_ADMIN_PORT: "0",
      JUKEBASE_WORKER_PORT: "7430",
      JUKEBASE_LOG: "debug",
      OPENLINEAGE_URL: "http://marquez:5000",
      OPENLINEAGE_ENDPOINT: "/in",
      OPENLINEAGE_API_KEY: "lineage key",
      OPENLINEAGE_NAMESPACE: "shop",
      OPENLINEAGE_FILE: "",
    };
    expect(Object.keys(env)).toEqual(configVariables);
    expect(readConfig(env, "/srv")).toEqual({
      home: "/var/lib/jukebase",
      archive: "/mnt/archive",
      databaseUrl: "postgresql://host/db",
      key: "key",
      newKey: "next",
      sealedDays: 30,
      timeZone: "Europe/Rome",
      host: "0.0.0.0",
      apiPort: 80,
      adminPort: 0,
      workerPort: 7430,
      logLevel: "debug",
      openLineage: { namespace: "shop", url: "http://marquez:5000", path: "/in", apiKey: "lineage key" },
    });
  });

  test("may leave a variable empty, as if it were not there, and name others that are not ours", () => {
    expect(readConfig({ DATABASE_URL: "", JUKEBASE_API_PORT: "", PATH: "/bin", OTHER: "1" }, "/srv")).toEqual(
      readConfig({}, "/srv"),
    );
  });

  test("may name a file for the master key, or say the key, not both", () => {
    expect(readConfig({ JUKEBASE_KEY_FILE: "/run/secrets/key" }, "/srv").keyFile).toBe("/run/secrets/key");
    expect(refusal({ JUKEBASE_KEY: "key", JUKEBASE_KEY_FILE: "/run/secrets/key" })).toContain("are both set; give one");
  });

  test("may name an endpoint or a file for OpenLineage, not both", () => {
    expect(readConfig({ OPENLINEAGE_URL: "https://lineage.example" }, "/srv").openLineage).toEqual({
      namespace: "jukebase",
      url: "https://lineage.example",
      path: "api/v1/lineage",
      apiKey: undefined,
    });
    expect(readConfig({ OPENLINEAGE_FILE: "/srv/e.ndjson" }, "/srv").openLineage).toEqual({
      namespace: "jukebase",
      file: "/srv/e.ndjson",
    });
    expect(refusal({ OPENLINEAGE_URL: "http://m", OPENLINEAGE_FILE: "e" })).toContain("are both set; give one");
    expect(refusal({ OPENLINEAGE_URL: "marquez:5000" })).toContain("OPENLINEAGE_URL starts with http://");
  });

  test("is refused with everything that is wrong in one sentence, and no secret in it", () => {
    const env = {
      DATABASE_URL: "mysql://me:secret@host/db",
      JUKEBASE_API_PORT: "70000",
      JUKEBASE_ADMIN_PORT: "eighty",
      JUKEBASE_LOG: "loud",
      JUKEBASE_PORT: "1",
    };
    const message = refusal(env);
    expect(message).toMatch(/^The environment cannot be used:\n/);
    for (const told of [
      "JUKEBASE_PORT is not known; known are DATABASE_URL",
      "DATABASE_URL starts with postgres://",
      "JUKEBASE_API_PORT",
      "JUKEBASE_ADMIN_PORT",
      "JUKEBASE_LOG",
    ]) {
      expect(message).toContain(told);
    }
    expect(message.split("\n")).toHaveLength(6);
    expect(message).not.toContain("secret");
  });
});

describe("the database's address", () => {
  const folder = mkdtempSync(join(tmpdir(), "jukebase-config-"));
  const file = join(folder, "database.url");
  afterAll(() => rmSync(folder, { recursive: true }));

  test("may stand in a file", () => {
    writeFileSync(file, "postgres://me:secret@host/db\n");
    expect(readConfig({ DATABASE_URL_FILE: file }, "/srv").databaseUrl).toBe("postgres://me:secret@host/db");
  });

  test("is refused when it stands in two places, in none, or is no address; never with its password", () => {
    expect(refusal({ DATABASE_URL_FILE: file, DATABASE_URL: "postgres://host/db" })).toContain("are both set; give one");
    expect(refusal({ DATABASE_URL_FILE: join(folder, "none") })).toMatch(/DATABASE_URL_FILE cannot be read: ENOENT/);
    writeFileSync(file, "\n");
    expect(refusal({ DATABASE_URL_FILE: file })).toContain("which is empty");
    writeFileSync(file, "mysql://me:secret@host/db");
    expect(refusal({ DATABASE_URL_FILE: file })).toMatch(/DATABASE_URL starts with postgres:(?!.*secret)/s);
  });
});

function refusal(env: Record<string, string>): string {
  try {
    readConfig(env, "/srv");
  } catch (error) {
    expect(error).toMatchObject({ name: "Invalid" });
    return (error as Error).message;
  }
  throw new Error("It was taken.");
}
