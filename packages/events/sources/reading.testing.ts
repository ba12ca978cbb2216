import { type ReadOptions, readReceived } from "./read.ts";
import type { Received } from "./received.ts";

/** Text or bytes as an input of the given chunks. */
export async function* chunked(content: string | Uint8Array, size = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array> {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** All that a reader receives of a content, the bytes copied so that equal ones compare as equal. */
export async function readAll(content: string | Uint8Array, options: ReadOptions, size?: number): Promise<Received[]> {
  const received = await collect(readReceived(chunked(content, size), options));
  return received.map((item) => ({ ...item, bytes: Uint8Array.from(item.bytes) }));
}

/** Everything that a stream gives. */
export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** What a reader made of each thing: the envelope, or the code of its first issue. */
export function outcomes(received: readonly Received[]): unknown[] {
  return received.map(({ outcome }) => (outcome.ok ? outcome.envelope : outcome.issues[0]?.code));
}
