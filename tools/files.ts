import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The repository's root folder, with a slash at its end. */
export const root = fileURLToPath(new URL("../", import.meta.url));

const skipped = new Set(["node_modules", "coverage", "dist"]);
const dotFolders = new Set([".ci", ".github"]);

/** Every file that a person wrote, as paths relative to the root with forward slashes, sorted. Works without git. */
export function workspaceFiles(folder = ""): string[] {
  return readdirSync(root + folder, { withFileTypes: true })
    .filter(
      (entry) =>
        !entry.isDirectory() || (!skipped.has(entry.name) && (!entry.name.startsWith(".") || dotFolders.has(entry.name))),
    )
    .flatMap((entry) => (entry.isDirectory() ? workspaceFiles(`${folder}${entry.name}/`) : [folder + entry.name]))
    .sort();
}

/** The text of one of `workspaceFiles`. */
export function readText(file: string): string {
  return readFileSync(root + file, "utf8");
}
