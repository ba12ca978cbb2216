import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { readText, root, workspaceFiles } from "../tools/files.ts";
import { follow } from "./follow.ts";

follow([
  "README.md",
  "docs/tutorial/first-hour.md",
  "docs/how-to/load-a-csv.md",
  "docs/how-to/fix-and-replay.md",
  "docs/how-to/waiting.md",
  "docs/how-to/correct-an-event.md",
  "docs/how-to/observations.md",
]);

describe("the documentation", () => {
  const pages = workspaceFiles().filter((file) => file.endsWith(".md"));

  test.each(pages)("%s links only to what is there", (file) => {
    expect(linksOf(file).filter((link) => !isThere(file, link))).toEqual([]);
  });
});

/** Where a page's relative links lead, code left out. */
function linksOf(file: string): string[] {
  const prose = readText(file)
    .replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, "")
    .replaceAll(/`[^`\n]*`/g, "");
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => !/^[a-z]+:/.test(link));
}

function isThere(file: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? file : join(dirname(file), decodeURIComponent(path));
  if (!existsSync(root + target)) return false;
  return anchor === undefined || !target.endsWith(".md") || anchorsOf(target).includes(anchor);
}

/** The anchors that GitHub gives a page's headings. */
function anchorsOf(file: string): string[] {
  const headings = [...readText(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading.toLowerCase());
  return headings.map((heading) =>
    heading
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );
}
