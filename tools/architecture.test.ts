import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readText, root, workspaceFiles } from "./files.ts";

type Package = { name: string; tag: string; needs: string[] };
type Manifest = { name: string; dependencies?: Record<string, string>; devDependencies?: Record<string, string> };

/** Tag → the tags it may stand on; the same arrows are in turbo.json, where they are checked on imports too. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  core: ["core"],
  domain: ["core"],
  composition: ["domain", "core"],
  app: ["composition", "domain", "core"],
};

const packages = workspaceFiles()
  .filter((file) => /^((apps|packages)\/[^/]+|db)\/package\.json$/.test(file))
  .map(readPackage);

describe("the arrows of the house", () => {
  test.each(packages)("$name carries one known tag", ({ tag }) => {
    expect(Object.keys(arrows)).toContain(tag);
  });

  test.each(packages)("$name ($tag) stands only on what it may", ({ name, tag, needs }) => {
    const mayNeedApps = name === "@jukebase/cli";
    const forbidden = needs.filter((need) => {
      const other = tagOf(need);
      return !(arrows[tag]?.includes(other) || (mayNeedApps && other === "app"));
    });
    expect(forbidden).toEqual([]);
  });

  test("no package needs itself through others", () => {
    expect(packages.filter(({ name }) => reaches(name, name, new Set())).map(({ name }) => name)).toEqual([]);
  });

  test.each(["@jukebase/platform", "@jukebase/forecast"])("%s stands on no other package", (name) => {
    expect(needsOf(name).filter((need) => need !== "@jukebase/testing")).toEqual([]);
  });

  test("the root needs no package: everything needs the root, so its arrows would be everybody's", () => {
    expect(workspaceNeeds(JSON.parse(readText("package.json")))).toEqual([]);
  });

  test("turbo.json draws the same arrows", () => {
    const { tags } = JSON.parse(readText("turbo.json")).boundaries;
    for (const tag of ["core", "domain", "composition"]) expect(tags[tag].dependencies.allow).toEqual(arrows[tag]);
    expect(tags.app.dependents.allow).toEqual(["@jukebase/cli"]);
  });
});

function readPackage(file: string): Package {
  const manifest: Manifest = JSON.parse(readText(file));
  const turbo = file.replace("package.json", "turbo.json");
  const tags: string[] = existsSync(root + turbo) ? (JSON.parse(readText(turbo)).tags ?? []) : [];
  return { name: manifest.name, tag: tags.join(" "), needs: workspaceNeeds(manifest) };
}

function workspaceNeeds(manifest: Manifest): string[] {
  return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).filter((name) => name.startsWith("@jukebase/"));
}

function tagOf(name: string): string {
  return packages.find((one) => one.name === name)?.tag ?? "";
}

function needsOf(name: string): string[] {
  return packages.find((one) => one.name === name)?.needs ?? [];
}

function reaches(from: string, goal: string, seen: Set<string>): boolean {
  return needsOf(from).some((need) => {
    if (need === goal) return true;
    if (seen.has(need)) return false;
    seen.add(need);
    return reaches(need, goal, seen);
  });
}
