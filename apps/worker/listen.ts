import pg from "pg";

/** A subscription to a channel of the database. */
export type Listener = { readonly close: () => Promise<void> };

/**
 * Calls `onNews` on every notification of the channel, and after every (re)connection, since what was said in between was missed.
 * A lost connection is told to `onLost` and made anew, after 0.1 s, then ever more slowly, up to 10 s.
 */
export function listen(url: string, channel: string, onNews: () => void, onLost: (failure: unknown) => void): Listener {
  let closed = false;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let attempt = 0;
  const again = (failure: unknown): void => {
    if (closed || timer !== undefined) return;
    onLost(failure);
    timer = setTimeout(
      () => {
        timer = undefined;
        running = connect();
      },
      Math.min(10_000, 100 * 2 ** attempt),
    );
    attempt += 1;
  };
  const connect = async (): Promise<void> => {
    const next = new pg.Client({
      connectionString: url,
      application_name: "jukebase listener",
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    client = next;
    next.on("notification", onNews);
    next.on("error", again);
    next.on("end", () => again(new Error("The connection was closed.")));
    try {
      await next.connect();
      await next.query(`listen ${next.escapeIdentifier(channel)}`);
      attempt = 0;
      onNews();
    } catch (failure) {
      next.removeAllListeners("end");
      again(failure);
    }
  };
  let running = connect();
  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await running;
      await client?.end();
    },
  };
}
