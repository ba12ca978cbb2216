import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A stretch of network that can be made to fail. What ends by itself ends on both sides, as on a wire. */
export type NetworkWire = {
  readonly port: number;
  /** Breaks every connection off, in the middle of whatever it carries (RST); how many there were. */
  readonly reset: () => number;
  /** From now on the open connections carry nothing and say nothing (no FIN), until they are reset after so long; how many there are. */
  readonly silence: (lasts_ms: number) => number;
  /** Everything takes so much longer. 0: as fast as can be. */
  readonly delay: (ms: number) => void;
  readonly close: () => Promise<void>;
};

type Pair = { readonly near: Socket; readonly far: Socket; silent: boolean };

/** Starts one on a free port of the loopback address, before a port of the same. */
export async function startWire(target: number): Promise<NetworkWire> {
  const pairs = new Set<Pair>();
  const state = { delay_ms: 0 };
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: target, host: "127.0.0.1", allowHalfOpen: true });
    const pair: Pair = { near, far, silent: false };
    pairs.add(pair);
    carry(near, far, pair, state);
    carry(far, near, pair, state);
    for (const end of [near, far]) end.once("close", () => !pair.silent && breakOff(pair, pairs));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    reset: () => breakAll([...pairs], pairs),
    silence: (lasts_ms) => {
      const met = [...pairs];
      for (const pair of met) pair.silent = true;
      setTimeout(() => breakAll(met, pairs), lasts_ms).unref();
      return met.length;
    },
    delay: (ms) => {
      state.delay_ms = ms;
    },
    close: async () => {
      server.close();
      breakAll([...pairs], pairs);
    },
  };
}

function carry(from: Socket, to: Socket, pair: Pair, state: { readonly delay_ms: number }): void {
  from.on("error", () => {}); // A closed socket says so by "close"; why is of no interest here.
  from.on("data", (chunk) => {
    if (pair.silent) return;
    if (state.delay_ms > 0) {
      from.pause();
      setTimeout(() => {
        if (!pair.silent && to.writable) to.write(chunk);
        from.resume();
      }, state.delay_ms);
    } else if (to.writable && !to.write(chunk)) {
      from.pause();
      to.once("drain", () => from.resume());
    }
  });
  from.on("end", () => {
    if (!pair.silent) to.end();
  });
}

function breakAll(met: readonly Pair[], pairs: Set<Pair>): number {
  for (const pair of met) breakOff(pair, pairs);
  return met.length;
}

function breakOff(pair: Pair, pairs: Set<Pair>): void {
  pairs.delete(pair);
  for (const end of [pair.near, pair.far]) if (!end.destroyed) end.resetAndDestroy();
}
