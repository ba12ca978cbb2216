import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sealFile, unsealFile } from "./inbox.ts";

const key = Buffer.alloc(32, 3);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/jukebase-inbox-`);
});

afterAll(() => rm(folder, { recursive: true }));

test.each([0, 1, 65_536, 65_537, 300_000])("a file of %i bytes comes out as it went in, and stands sealed", async (size) => {
  const plain = Buffer.alloc(size, "secret of a person ");
  expect(await sealFile(folder, `f${size}`, key, pieces(plain))).toBe(size);
  expect(await unsealed(`f${size}`)).toEqual(plain);
  expect((await readFile(`${folder}/f${size}`)).includes("secret")).toBe(false);
  expect((await stat(`${folder}/f${size}`)).mode & 0o777).toBe(0o600);
});

test("a file that was changed, cut off, reordered or sealed with another key is refused", async () => {
  await sealFile(folder, "whole", key, pieces(Buffer.alloc(200_000, "x")));
  const bytes = await readFile(`${folder}/whole`);
  const changed = Buffer.from(bytes);
  changed[100_000] = (changed[100_000] as number) ^ 1;
  await writeFile(`${folder}/changed`, changed);
  await expect(unsealed("changed")).rejects.toThrow();
  for (const length of [bytes.length - 1, bytes.length - 32, 65_536 + 38, 20]) {
    await writeFile(`${folder}/cut`, bytes.subarray(0, length));
    await expect(unsealed("cut")).rejects.toThrow("not whole");
  }
  const frame = 65_536 + 32;
  await writeFile(
    `${folder}/turned`,
    Buffer.concat([
      bytes.subarray(0, 6),
      bytes.subarray(6 + frame, 6 + 2 * frame),
      bytes.subarray(6, 6 + frame),
      bytes.subarray(6 + 2 * frame),
    ]),
  );
  await expect(unsealed("turned")).rejects.toThrow();
  await expect(unsealed("whole", Buffer.alloc(32, 4))).rejects.toThrow();
});

test("a plain file comes out as it is, however short", async () => {
  for (const text of ["", "{}", "jkbx", "a longer text than any beginning"]) {
    await writeFile(`${folder}/plain`, text);
    expect((await unsealed("plain")).toString()).toBe(text);
  }
});

test("an input that fails leaves nothing behind", async () => {
  const before = await readdir(folder);
  await expect(sealFile(folder, "half", key, failing())).rejects.toThrow("gone");
  expect(await readdir(folder)).toEqual(before);
});

async function unsealed(name: string, by = key): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of unsealFile(`${folder}/${name}`, by)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 70_001) yield bytes.subarray(at, at + 70_001);
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("{}");
  throw new Error("gone");
}
