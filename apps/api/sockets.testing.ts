import { connect, type Socket } from "node:net";

/** A connection on which a test writes HTTP by hand. */
export type RawSocket = {
  readonly socket: Socket;
  readonly send: (text: string) => void;
  /** All that has come, once it matches; rejects when the connection ends before. */
  readonly until: (pattern: RegExp) => Promise<string>;
  /** Resolves when the connection is over, whoever ended it. */
  readonly closed: Promise<void>;
};

/** Opens one. */
export function rawSocket(url: string): Promise<RawSocket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let text = "";
    let look = (): void => undefined;
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      look();
    });
    const closed = new Promise<void>((over) => socket.once("close", () => over()));
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject).on("error", () => undefined); // A reset is one way in which a server ends a connection.
      resolve({
        socket,
        send: (part) => socket.write(part),
        until: (pattern) =>
          new Promise((found, failed) => {
            look = () => {
              if (pattern.test(text)) found(text);
            };
            look();
            void closed.then(() => failed(new Error(`The connection ended; before that came: ${text}`)));
          }),
        closed,
      });
    });
  });
}

/** The head of a request that brings events with a key. */
export function intakeHead(secret: string, headers: Readonly<Record<string, string | number>>): string {
  const all = { host: "localhost", authorization: `Bearer ${secret}`, "content-type": "application/json", ...headers };
  return `POST /v1/events HTTP/1.1\r\n${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("")}\r\n`;
}
