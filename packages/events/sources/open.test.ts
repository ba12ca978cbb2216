import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Invalid, NotFound } from "@jukebase/platform/errors.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSource, type SourceOptions } from "./open.ts";
import { readReceived } from "./read.ts";
import { chunked, collect, outcomes } from "./reading.testing.ts";

const events = [
  { type: "A.B", id: 1 },
  { type: "A.B", id: 2 },
];
const lines = events.map((event) => JSON.stringify(event)).join("\n");
const array = JSON.stringify(events);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sources-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function opened(path: string, options?: SourceOptions) {
  const { input, format, size } = await openSource(path, options);
  return { format, size, events: outcomes(await collect(readReceived(input, { format }))) };
}

describe("a file", () => {
  test.each([
    ["a.ndjson", lines, "ndjson"],
    ["a.jsonl", lines, "ndjson"],
    ["a.json", array, "json"],
    ["A.JSON", lines, "json"],
    ["a.log", lines, "ndjson"],
    ["a.log", `\n ${array}`, "json"],
    ["a.log", events.map((event) => JSON.stringify(event, null, 2)).join("\n"), "json"],
  ])("%s is read by its name, or its beginning: %s", async (name, content, format) => {
    const path = join(folder, name);
    await writeFile(path, content);
    expect(await opened(path)).toEqual({ format, size: content.length, events });
    await writeFile(`${path}.gz`, gzipSync(content));
    expect(await opened(`${path}.gz`)).toEqual({ format, size: undefined, events });
    await writeFile(path, gzipSync(content));
    expect(await opened(path)).toEqual({ format, size: undefined, events });
  });

  test("of gzip's name only is read as it is", async () => {
    await writeFile(join(folder, "b.ndjson.gz"), lines);
    expect(await opened(join(folder, "b.ndjson.gz"))).toMatchObject({ format: "ndjson", events });
  });

  test("with a mapping is what the mapping says", async () => {
    const mapping = { source: "s", kind: "facts", type: "A.B", data: { A: { column: "a" } } } as const;
    const path = join(folder, "c.txt");
    await writeFile(path, "a\n1");
    const forms = [mapping, { ...mapping, columns: [{ name: "a", start: 1 }] }];
    expect(await Promise.all(forms.map(async (form) => (await openSource(path, { mapping: form })).format))).toEqual([
      "csv",
      "fixed",
    ]);
  });

  test("that is missing, a folder or of no known format says what to do", async () => {
    await expect(openSource(join(folder, "no.json"))).rejects.toThrow(NotFound);
    await expect(openSource(folder)).rejects.toThrow(Invalid);
    await writeFile(join(folder, "d.txt"), "hello\n");
    await expect(openSource(join(folder, "d.txt"))).rejects.toThrow(/Say --format/);
  });

  test("that is refused is closed", async () => {
    let closed = false;
    const stdin = async function* () {
      try {
        yield* chunked(gzipSync("hello\n"), 4);
      } finally {
        closed = true;
      }
    };
    await expect(openSource("-", { stdin: stdin() })).rejects.toThrow(/Standard input does not begin as JSON does/);
    expect(closed).toBe(true);
  });

  test("that is empty holds no events", async () => {
    await writeFile(join(folder, "e.json"), "");
    await writeFile(join(folder, "e.txt"), " \n");
    expect((await opened(join(folder, "e.json"))).events).toEqual([]);
    expect((await opened(join(folder, "e.txt"))).events).toEqual([]);
  });
});

describe("standard input", () => {
  test.each([
    ["ndjson", lines],
    ["json", array],
  ])("is sniffed as %s", async (format, content) => {
    expect(await opened("-", { stdin: chunked(content, 1) })).toEqual({ format, size: undefined, events });
    expect(await opened("-", { stdin: chunked(gzipSync(content), 5) })).toMatchObject({ format, events });
  });

  test("takes the format that is said", async () => {
    expect(await opened("-", { stdin: chunked(lines), format: "json" })).toMatchObject({ format: "json", events });
  });
});
