import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** A file that pages need. Its path carries its hash, so it may be cached for ever. */
export type Asset = { readonly path: string; readonly body: string; readonly type: string; readonly etag: string };

/** All files that pages need, read once: the stylesheet, htmx, the icon. Serve each with `cache-control: public, max-age=31536000, immutable`. */
export function assets(): readonly Asset[] {
  return Object.values(all());
}

/** The stylesheet: the layered files of `css/` in the order of their names. */
export function stylesheet(): { readonly body: string; readonly etag: string } {
  const { body, etag } = all()["console.css"];
  return { body, etag };
}

/** The path under which pages ask for one of the files. */
export function assetPath(name: AssetName): string {
  return all()[name].path;
}

/** What a graph needs of the stylesheet to stand by itself, by day: not every program that shows SVG knows of day and night. */
export function graphStyle(): string {
  const files = ["00-tokens.css", "60-charts.css", "61-graphs.css"].map((file) =>
    readFileSync(new URL(`./css/${file}`, import.meta.url), "utf8"),
  );
  return files.join("\n").replace(/light-dark\(((?:[^(),]|\([^()]*\))+),(?:[^(),]|\([^()]*\))+\)/g, "$1");
}

type AssetName = "console.css" | "htmx.js" | "icon.svg";

let read: Readonly<Record<AssetName, Asset>> | undefined;

function all(): Readonly<Record<AssetName, Asset>> {
  read ??= {
    "console.css": asset("console.css", "text/css; charset=utf-8", css()),
    "htmx.js": asset("htmx.js", "text/javascript; charset=utf-8", htmx()),
    "icon.svg": asset("icon.svg", "image/svg+xml", readFileSync(new URL("./css/icon.svg", import.meta.url), "utf8")),
  };
  return read;
}

function asset(name: string, type: string, body: string): Asset {
  const hash = createHash("sha256").update(body).digest("base64url").slice(0, 16);
  const dot = name.lastIndexOf(".");
  return { path: `/assets/${name.slice(0, dot)}-${hash}${name.slice(dot)}`, body, type, etag: `"${hash}"` };
}

function css(): string {
  const folder = new URL("./css/", import.meta.url);
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(".css"))
    .toSorted();
  return files.map((file) => readFileSync(new URL(file, folder), "utf8")).join("\n");
}

/** The map file is not served, so the line that asks for it is dropped. */
function htmx(): string {
  const main = createRequire(import.meta.url).resolve("htmx.org");
  return readFileSync(main.replace(/htmx\.js$/, "htmx.min.js"), "utf8").replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n");
}
