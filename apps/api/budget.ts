import type { Caller } from "./verify-key.ts";

/** How much may come in a minute: requests, events, bytes as sent. */
export type MinuteLimits = { readonly requests: number; readonly events: number; readonly bytes: number };

/** Whether there is room for one more request: `wait_s` is 0, or how long to wait; `headers` tell the key how much it has left. */
export type Admission = { readonly wait_s: number; readonly what: keyof MinuteLimits; readonly headers: Record<string, string> };

/** The accounts of all keys, kept in this process: each API process counts for itself. */
export type Budget = {
  /** Takes one request out of the key's account, if everything in it is above zero. */
  readonly admit: (caller: Caller) => Admission;
  /** Takes out what the request turned out to bring; this may overdraw the account, which then has to fill again first. */
  readonly spend: (caller: Caller, brought: { readonly events: number; readonly bytes: number }) => void;
};

const minute_ms = 60_000;
const names = ["requests", "events", "bytes"] as const;

/** Accounts that start full and fill evenly, a minute's worth in a minute. A key's own limits go before the usual ones. */
export function budget(usual: MinuteLimits, now_ms: () => number = () => performance.now()): Budget {
  const accounts = new Map<string, Account>();
  const accountOf = (caller: Caller): Account => {
    const known = accounts.get(caller.key_id);
    const account = known ?? opened(limitsOf(caller, usual), now_ms());
    if (known === undefined) accounts.set(caller.key_id, account);
    fill(account, limitsOf(caller, usual), now_ms());
    return account;
  };
  return {
    admit: (caller) => {
      const account = accountOf(caller);
      const empty = names.find((name) => account.left[name] < (name === "requests" ? 1 : Number.MIN_VALUE));
      if (empty === undefined) account.left.requests -= 1;
      const missing = empty === undefined ? 0 : (empty === "requests" ? 1 : 0) - account.left[empty];
      const wait_ms = empty === undefined ? 0 : Math.max(1, (missing * minute_ms) / account.limits[empty]);
      return { wait_s: Math.ceil(wait_ms / 1000), what: empty ?? "requests", headers: headersOf(account, empty ?? "requests") };
    },
    spend: (caller, { events, bytes }) => {
      const { left } = accountOf(caller);
      left.events -= events;
      left.bytes -= bytes;
    },
  };
}

type Account = { limits: MinuteLimits; left: Record<keyof MinuteLimits, number>; filled_ms: number; policy: string };

function limitsOf(caller: Caller, usual: MinuteLimits): MinuteLimits {
  return {
    requests: caller.requests_per_minute ?? usual.requests,
    events: caller.events_per_minute ?? usual.events,
    bytes: caller.bytes_per_minute ?? usual.bytes,
  };
}

function opened(limits: MinuteLimits, now_ms: number): Account {
  return { limits, left: { ...limits }, filled_ms: now_ms, policy: policyOf(limits) };
}

function fill(account: Account, limits: MinuteLimits, now_ms: number): void {
  const share = (now_ms - account.filled_ms) / minute_ms;
  account.filled_ms = now_ms;
  for (const name of names) account.left[name] = Math.min(limits[name], account.left[name] + share * limits[name]);
  if (names.every((name) => limits[name] === account.limits[name])) return;
  account.limits = limits;
  account.policy = policyOf(limits);
}

// As the IETF's draft of RateLimit header fields (8 and later) writes them.
function policyOf(limits: MinuteLimits): string {
  return names.map((name) => `"${name}";q=${limits[name]};w=60`).join(", ");
}

function headersOf({ limits, left, policy }: Account, what: keyof MinuteLimits): Record<string, string> {
  const full_s = Math.ceil(((limits[what] - left[what]) * 60) / limits[what]);
  return { "ratelimit-policy": policy, ratelimit: `"${what}";r=${Math.max(0, Math.floor(left[what]))};t=${full_s}` };
}
