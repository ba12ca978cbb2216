/** The first bytes of an input, and the whole input with them; or `close`, for who will not read it. */
export type Peeked = {
  readonly head: Uint8Array;
  readonly all: AsyncIterable<Uint8Array>;
  readonly close: () => Promise<void>;
};

/** Reads an input until its beginning is `enough` to judge by, or it ends. It must then be read through `all`. */
export async function peek(input: AsyncIterable<Uint8Array>, enough: (head: Uint8Array) => boolean): Promise<Peeked> {
  const chunks = input[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  while (!enough(head)) {
    const next = await chunks.next();
    if (next.done) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return { head, all: whole(head, chunks), close: async () => void (await chunks.return?.()) };
}

async function* whole(head: Uint8Array, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  } finally {
    // A reader that stops early closes the file behind it.
    await chunks.return?.();
  }
}
