import type { Jukebase } from "@jukebase/domains/open.ts";
import { openedForTest } from "@jukebase/domains/opened.testing.ts";
import { systemClock } from "@jukebase/platform";
import type { TestDatabase } from "@jukebase/testing";
import { createKey } from "./keys.ts";
import { type ApiOptions, type RunningApi, startApi } from "./server.ts";

/** An API over an installation of a test's own, with a key for the source "shop". */
export type TestApi = {
  readonly jukebase: Jukebase;
  readonly database: TestDatabase;
  readonly api: RunningApi;
  readonly key: { readonly id: string; readonly secret: string };
  /** Asks with the key; headers given win. */
  readonly ask: (path: string, init?: RequestInit) => Promise<Response>;
  readonly post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Response>;
  readonly close: () => Promise<void>;
};

/** Starts one. */
export async function testApi(limits: ApiOptions["limits"] = {}): Promise<TestApi> {
  const { jukebase, database, close } = await openedForTest({ clock: systemClock, connections: 4 });
  const made = await createKey(jukebase, { name: "test", source: "shop" }, "cli:test");
  const api = await startApi(jukebase, { host: "127.0.0.1", port: 0, limits: { key_ms: 0, ...limits } });
  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${api.url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${made.secret}`, ...(init.headers as Record<string, string>) },
    });
  return {
    jukebase,
    database,
    api,
    key: made,
    ask,
    post: (path, body, headers = {}) =>
      ask(path, {
        method: "POST",
        body: typeof body === "string" || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
        headers: { "content-type": "application/json", ...headers },
      }),
    close: async () => {
      await api.close();
      await close();
    },
  };
}

/** A payment event; without an id where none is given. */
export function payment(id: string | undefined, amount: number | string = 10): Record<string, unknown> {
  return {
    type: "Payment.PaymentReceived",
    ...(id === undefined ? {} : { id }),
    data: { PaymentAmount: amount, OccurredAt: "2025-03-01T10:00:00Z" },
  };
}

/** The JSON of an answer, as the test knows it to be. */
export async function json<T = Answered>(response: Promise<Response>): Promise<T> {
  return (await (await response).json()) as T;
}

/** The parts of answers that tests look into. */
export type Answered = {
  readonly id: string;
  readonly accepted: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly refused: number;
  readonly rows: readonly unknown[];
  readonly reports: readonly { readonly name: string }[];
  readonly contracts: readonly { readonly type: string }[];
  readonly results: readonly {
    readonly index: number;
    readonly id: string | null;
    readonly status: string;
    readonly receipt: string;
    readonly reason?: string;
    readonly quarantine: string;
    readonly issues: readonly { readonly code: string }[];
  }[];
};
