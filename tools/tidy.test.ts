import { describe, expect, test } from "vitest";
import { readText, workspaceFiles } from "./files.ts";

const self = "tools/tidy.test.ts";
const files = workspaceFiles();
const code = files.filter((file) => /\.(ts|mjs|sql|css|sh)$/.test(file) && file !== self);
const scripts = code.filter((file) => /\.(ts|mjs)$/.test(file));
const isTest = (file: string) => /\.(test|bench)\.ts$/.test(file) || file.startsWith("packages/testing/");

/** What no line may hold, where it may stand after all, and why it is banned. */
const banned: readonly { pattern: RegExp; why: string; allowed: (file: string) => boolean }[] = [
  { pattern: /\b(TODO|FIXME)\b/, why: "finish it or open an issue", allowed: () => false },
  {
    pattern: /\bconsole\.log\(/,
    why: "output belongs to the command line; the rest logs",
    allowed: (file) => /^(apps\/cli\/|tools\/|launch\.mjs$)/.test(file),
  },
  {
    pattern: /\bprocess\.env\b/,
    why: "configuration is read in one place",
    allowed: (file) =>
      /^(apps\/[^/]+\/config\.ts$|launch\.mjs$|tools\/|packages\/testing\/|packages\/platform\/config\.ts$)/.test(file),
  },
  {
    pattern: /\bnew Date\(\)|\bDate\.now\(|\bMath\.random\(|\bTemporal\.Now\b/,
    why: "the clock and chance are passed in",
    allowed: (file) => /^(apps\/|tools\/|launch\.mjs$|packages\/platform\/clock\.ts$)/.test(file) || isTest(file),
  },
  { pattern: /\bparseFloat\(/, why: "money never touches a float", allowed: () => false },
];

describe("every file", () => {
  test("is short: at most 300 lines (migrations are history and may be longer)", () => {
    const long = code.filter(
      (file) => !file.startsWith("db/migrations/") && !file.endsWith("/schema.sql") && lines(file).length > 300,
    );
    expect(long).toEqual([]);
  });

  test.each(banned)("holds no $pattern: $why", ({ pattern, allowed }) => {
    expect(
      places(
        code.filter((file) => !allowed(file)),
        (line) => pattern.test(line),
      ),
    ).toEqual([]);
  });

  test("is named in kebab-case; SQL, and what stands beside it in marts and checks, in snake_case", () => {
    const kebab = /(^|\/)[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.(ts|mjs|css|sh)$/;
    const snake = /(^|\/)[a-z0-9]+(_[a-z0-9]+)*(\.[a-z]+)*\.(sql|ts)$/;
    expect(
      code.filter((file) => !(/\.sql$|^packages\/[^/]+\/(marts|seeds|checks)\//.test(file) ? snake : kebab).test(file)),
    ).toEqual([]);
  });

  test("names no registry's host and no folder of somebody's machine", () => {
    const texts = files.filter(
      (file) => /\.(ts|mjs|sql|css|sh|md|json|ya?ml|toml|html|npmrc|tf)$|\/run$|file$/.test(file) && file !== self,
    );
    const machine =
      /registry\.[a-z0-9-]+\.[a-z]{2,}|\bverdaccio\b|(^|[\s"'`(=:])\/(work|root|Users|home\/(?!node\b|postgres\b))\//;
    expect(places(texts, (line) => machine.test(line))).toEqual([]);
  });
});

describe("documentation", () => {
  test("a page has one title", () => {
    expect(files.filter((file) => file.endsWith(".md")).filter((file) => titles(file) !== 1)).toEqual([]);
  });

  test("a domain has a README", () => {
    const domains = files.filter(
      (file) => /^packages\/[^/]+\/turbo\.json$/.test(file) && JSON.parse(readText(file)).tags?.includes("domain"),
    );
    const folders = domains.map((file) => file.replace("turbo.json", "README.md"));
    expect(folders.filter((file) => !files.includes(file))).toEqual([]);
  });

  test("what a package exports says what it is for", () => {
    const sources = scripts.filter((file) => file.startsWith("packages/") && !file.endsWith(".test.ts"));
    expect(sources.flatMap(undocumented)).toEqual([]);
  });
});

test("every dependency comes from the catalog or the workspace", () => {
  const manifests = files.filter((file) => /(^|\/)package\.json$/.test(file));
  expect(manifests.flatMap(strayDependencies)).toEqual([]);
});

function lines(file: string): string[] {
  return readText(file).trimEnd().split("\n");
}

function places(among: readonly string[], broken: (line: string) => boolean): string[] {
  return among.flatMap((file) => lines(file).flatMap((line, at) => (broken(line) ? [`${file}:${at + 1} ${line.trim()}`] : [])));
}

function titles(file: string): number {
  const prose = readText(file).replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, "");
  return prose.match(/^# /gm)?.length ?? 0;
}

/** Declarations without a docstring right above; an overload after the first shares its docstring. */
function undocumented(file: string): string[] {
  const all = lines(file);
  return all.flatMap((line, at) => {
    const name = /^export (?:default )?(?:async )?(?:function\*?|const|class|type|interface) (\w+)/.exec(line)?.[1];
    if (!name) return [];
    const above = all[at - 1] ?? "";
    const documented = above.trimEnd().endsWith("*/") || new RegExp(`^export (async )?function ${name}\\b.*;$`).test(above);
    return documented ? [] : [`${file}:${at + 1} ${name}`];
  });
}

function strayDependencies(file: string): string[] {
  const manifest: Record<string, Record<string, string> | undefined> = JSON.parse(readText(file));
  const groups = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];
  return groups
    .flatMap((group) => Object.entries(manifest[group] ?? {}))
    .filter(([, version]) => version !== "catalog:" && version !== "workspace:*")
    .map(([name, version]) => `${file} ${name}@${version}`);
}
