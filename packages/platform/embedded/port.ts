import { createServer } from "node:net";
import { filesOf } from "./cluster.ts";
import { readIfThere } from "./read.ts";

const DEFAULT = 54329;

/** The port to try first: the one asked for, else the one this cluster had last time, else 54329; a free one when that is taken. */
export async function choosePort(folder: string, asked: number | undefined): Promise<number> {
  const wanted = asked ?? (await remembered(folder)) ?? DEFAULT;
  return (await isFree(wanted)) ? wanted : freePort();
}

/** A port that nothing listens on now. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port is free")),
      );
    });
  });
}

async function remembered(folder: string): Promise<number | undefined> {
  return Number.parseInt((await readIfThere(filesOf(folder).port)) ?? "", 10) || undefined;
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
