import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readConfig } from "../packages/platform/index.ts";
import { readText, root } from "../tools/files.ts";

const dockerfile = readText("infra/docker/Dockerfile");
const compose = readText("docker-compose.yml");

describe("the images", () => {
  test("hold the Node and the pnpm that the launcher brings", () => {
    const [, node, pnpm] = /versions = { node: "([^"]+)", pnpm: "([^"]+)" }/.exec(readText("launch.mjs")) as RegExpExecArray;
    expect(dockerfile).toContain(`ARG NODE_IMAGE=docker.io/library/node:${node}-slim`);
    expect(compose).toContain(`:-docker.io/library/node:${node}-slim}`);
    expect(dockerfile).toContain(`ARG PNPM_VERSION=${pnpm}`);
  });

  test("say which version of Jukebase they are", () => {
    expect(dockerfile).toContain(`ARG VERSION=${JSON.parse(readText("package.json")).version}\n`);
  });

  test("are told nothing that the environment's reader does not know", () => {
    const names = [...dockerfile.matchAll(/JUKEBASE_[A-Z_]+(?==)/g), ...compose.matchAll(/^ +(JUKEBASE_[A-Z_]+)(?=:)/gm)];
    const env = Object.fromEntries(names.map(([name]) => [name.trim(), ""]));
    expect(Object.keys(env).length).toBeGreaterThan(5);
    expect(() => readConfig(env, root)).not.toThrow();
  });
});

describe("docker-compose.yml", () => {
  test("publishes on this machine alone", () => {
    const published = [...compose.matchAll(/ports: \[(.*)\]/g)].map(([, ports]) => ports);
    expect(published).toHaveLength(3);
    expect(published.filter((ports) => !ports?.startsWith('"127.0.0.1:'))).toEqual([]);
  });

  test("holds no secret: each comes from a file", () => {
    expect(compose).not.toMatch(/postgres(ql)?:\/\/|PASSWORD:|JUKEBASE_KEY:/);
    expect(compose.match(/file: \$\{SECRETS:-\.\/infra\/docker\/secrets\}\//g)).toHaveLength(3);
  });
});

describe.skipIf(process.platform === "win32")("secrets.sh", () => {
  const folder = join(mkdtempSync(join(tmpdir(), "jukebase-secrets-")), "secrets");
  afterAll(() => rmSync(join(folder, ".."), { recursive: true }));
  const make = () => spawnSync("sh", [join(root, "infra/docker/secrets.sh"), folder], { encoding: "utf8" });
  const secret = (name: string) => readFileSync(join(folder, name), "utf8").trim();

  test("makes a key of 32 bytes and a password that the address holds, in a folder for one's own eyes", () => {
    expect(make().status).toBe(0);
    expect(Buffer.from(secret("master.key"), "base64")).toHaveLength(32);
    expect(secret("database.password")).toMatch(/^[A-Za-z0-9]{40}$/);
    expect(readConfig({ DATABASE_URL_FILE: join(folder, "database.url") }, root).databaseUrl).toBe(
      `postgres://jukebase:${secret("database.password")}@postgres:5432/jukebase`,
    );
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test("leaves alone what is there", () => {
    const before = secret("master.key");
    const again = make();
    expect(again.stdout).toContain("master.key is there already.");
    expect(again.stdout).not.toContain(before);
    expect(secret("master.key")).toBe(before);
  });
});
