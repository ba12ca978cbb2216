import { expect, test } from "vitest";
import { chunksOf, liesIn } from "./load-chunks.ts";

const item = (end: number, length = 1) => ({ end, bytes: new Uint8Array(length) });

async function all<T>(generated: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const one of generated) items.push(one);
  return items;
}

async function* batches(...given: ReturnType<typeof item>[][]): AsyncGenerator<ReturnType<typeof item>[]> {
  yield* given;
}

test("chunks follow one another without a gap, however the input came", async () => {
  const chunks = await all(chunksOf(batches([item(3), item(7)], [], [item(9), item(20)]), { items: 3, bytes: 100 }));
  expect(chunks.map(({ from, to, items }) => [from, to, items.length])).toEqual([
    [0, 9, 3],
    [9, 20, 1],
  ]);
});

test("long items make small chunks, so that memory stays small", async () => {
  const chunks = await all(chunksOf(batches([item(10, 60), item(20, 60), item(30, 60)]), { items: 1000, bytes: 100 }));
  expect(chunks.map(({ to }) => to)).toEqual([20, 30]);
});

test("what came before a failure is given before it", async () => {
  const failing = async function* () {
    yield [item(1), item(2)];
    throw new Error("cut off");
  };
  const chunks = chunksOf(failing(), { items: 100, bytes: 100 });
  expect((await chunks.next()).value).toMatchObject({ from: 0, to: 2 });
  await expect(chunks.next()).rejects.toThrow("cut off");
});

test("what an earlier attempt has committed is passed over, gaps between it are not", () => {
  const isDone = liesIn([
    { from: 0, to: 10 },
    { from: 20, to: 30 },
  ]);
  expect([5, 10, 15, 20, 25, 30, 31].filter(isDone)).toEqual([5, 10, 25, 30]);
});
