import { appendFile, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { RunEvent } from "./run-event.ts";

/** Where events go. Throws when one could not be delivered; what it says holds no secret. `stop` ends it early. */
export type Transport = (event: RunEvent, stop: AbortSignal) => Promise<void>;

/** An outgoing HTTP request, as far as it is needed here; `fetch` is one. */
export type Post = (
  url: string,
  request: {
    readonly method: "POST";
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly signal: AbortSignal;
  },
) => Promise<{ readonly status: number; readonly body?: { readonly cancel: () => Promise<void> } | null }>;

/** An endpoint that takes events: base address, path (`api/v1/lineage` when left out), and the key that it asks for. */
export type Endpoint = { readonly url: string; readonly path?: string | undefined; readonly apiKey?: string | undefined };

/** One line of JSON for each event, at the end of a file; the folder is made. */
export function fileTransport(path: string): Transport {
  return async (event) => {
    await mkdir(dirname(path), { recursive: true });
    await appendFile(path, `${JSON.stringify(event)}\n`);
  };
}

/** How often a request is tried, how long one may take, and how long it waits before the next: twice as long each time. */
export const patience = { tries: 4, timeout_ms: 5_000, first_wait_ms: 250 } as const;

/**
 * Posts each event. What may pass (no answer, 429, 5xx) is tried again a few times, ever later; what is refused is not.
 * `wait` lets milliseconds go by, unless it is stopped.
 */
export function httpTransport(endpoint: Endpoint, post: Post, wait: (ms: number, stop: AbortSignal) => Promise<void>): Transport {
  const url = new URL(
    endpoint.path ?? "api/v1/lineage",
    endpoint.url.endsWith("/") ? endpoint.url : `${endpoint.url}/`,
  ).toString();
  const headers = {
    "content-type": "application/json",
    ...(endpoint.apiKey === undefined ? {} : { authorization: `Bearer ${endpoint.apiKey}` }),
  };
  return async (event, stop) => {
    const body = JSON.stringify(event);
    for (let tried = 1; ; tried += 1) {
      const signal = AbortSignal.any([stop, AbortSignal.timeout(patience.timeout_ms)]);
      const outcome = await attempt(() => post(url, { method: "POST", headers, body, signal }));
      if (outcome === undefined) return;
      if (!outcome.mayPass || tried === patience.tries || stop.aborted) throw new Error(outcome.problem);
      await wait(patience.first_wait_ms * 2 ** (tried - 1), stop);
    }
  };
}

type Failed = { readonly problem: string; readonly mayPass: boolean };

async function attempt(request: () => ReturnType<Post>): Promise<Failed | undefined> {
  try {
    const { status, body } = await request();
    await body?.cancel();
    if (status >= 200 && status < 300) return undefined;
    return { problem: `The endpoint answered ${status}.`, mayPass: status === 429 || status >= 500 };
  } catch (failure) {
    return { problem: `The endpoint did not answer: ${reasonOf(failure)}`, mayPass: true };
  }
}

// What fetch throws says "fetch failed"; why stands in its cause.
function reasonOf(failure: unknown): string {
  const { message, cause } = failure as { message?: string; cause?: { message?: string; code?: string } };
  return cause?.code ?? cause?.message ?? message ?? String(failure);
}
