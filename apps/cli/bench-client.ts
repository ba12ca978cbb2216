import { connect, type Socket } from "node:net";

/** An answer to one request of a bench: its status and body, and how long it took. */
export type BenchAnswer = { readonly status: number; readonly body: Buffer; readonly ms: number };

/** A connection that sends one request after the other; cheap, so that what is measured is the server. */
export type BenchConnection = { readonly ask: (request: Buffer) => Promise<BenchAnswer>; readonly close: () => void };

/** The bytes of a request that brings events. */
export function intakeRequest(url: URL, secret: string, body: string): Buffer {
  const head = [
    "POST /v1/events HTTP/1.1",
    `host: ${url.host}`,
    `authorization: Bearer ${secret}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}

/** Opens one. It is opened again when the server has ended it, as servers do after some thousand requests. */
export async function benchConnection(url: URL): Promise<BenchConnection> {
  let socket = await opened(url);
  const ask = (request: Buffer): Promise<BenchAnswer> =>
    new Promise((resolve, reject) => {
      const began = performance.now();
      const chunks: Buffer[] = [];
      let missing = -1;
      const take = (chunk: Buffer): void => {
        chunks.push(chunk);
        missing = missing < 0 ? missingAfter(chunks) : missing - chunk.length;
        if (missing !== 0) return;
        free();
        const whole = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
        const body = whole.subarray(whole.indexOf("\r\n\r\n") + 4);
        resolve({ status: Number(whole.toString("latin1", 9, 12)), body, ms: performance.now() - began });
      };
      const fail = (): void => {
        free();
        reject(new Error("The server closed a connection before its answer."));
      };
      const free = (): void => {
        socket.off("data", take).off("close", fail);
      };
      socket.on("data", take).once("close", fail);
      socket.write(request);
    });
  return {
    ask: async (request) => {
      if (socket.destroyed || socket.readableEnded) socket = await opened(url);
      return ask(request);
    },
    close: () => socket.destroy(),
  };
}

// Bytes of the answer that are still to come; -1 while its head is not whole.
function missingAfter(chunks: Buffer[]): number {
  const whole = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  chunks.splice(0, chunks.length, whole);
  const end = whole.indexOf("\r\n\r\n");
  if (end < 0) return -1;
  const length = /content-length: (\d+)/i.exec(whole.toString("latin1", 0, end))?.[1];
  return end + 4 + Number(length ?? 0) - whole.length;
}

function opened(url: URL): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true }, () => resolve(socket));
    socket.once("error", reject);
  });
}
