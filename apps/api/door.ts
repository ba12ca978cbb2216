import type { IncomingMessage } from "node:http";
import { ipKeyGenerator } from "express-rate-limit";
import type { Budget } from "./budget.ts";
import { Refusal } from "./refusal.ts";
import type { Caller, Verified, Verify } from "./verify-key.ts";

/** Who came in, and what the answer's headers tell of the key's account. */
export type Admitted = { readonly caller: Caller; readonly headers: Readonly<Record<string, string>> };

/** Lets through who shows a valid key that has not asked too much; throws `Refusal` otherwise. */
export type Door = (request: IncomingMessage) => Admitted | Promise<Admitted>;

const minute_ms = 60_000;
const addresses_max = 10_000;

/** Guessing is slowed down by address (`failures_max` wrong keys in a minute), asking too much by key. */
export function makeDoor(verify: Verify, budget: Budget, failures_max: number): Door {
  const guesses = guessesOf(failures_max);
  return (request) => {
    const address = addressOf(request);
    const wait_s = guesses.wait_s(address);
    if (wait_s > 0) throw tooMany("Too many wrong keys came from this address", wait_s);
    const secret = secretOf(request.headers.authorization);
    if (secret === undefined) {
      guesses.note(address);
      throw unauthorized("Send a key: Authorization: Bearer jk_…");
    }
    const admit = (verified: Verified): Admitted => {
      if (verified.outcome === "valid") return spend(verified.caller, budget);
      guesses.note(address);
      throw refusalOf(verified.outcome);
    };
    const verified = verify(secret);
    return verified instanceof Promise ? verified.then(admit) : admit(verified);
  };
}

function secretOf(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /^Bearer +(\S+)$/i.exec(header)?.[1];
}

function spend(caller: Caller, budget: Budget): Admitted {
  const { wait_s, what, headers } = budget.admit(caller);
  if (wait_s > 0) throw tooMany(`This key has brought all the ${what} that it may in a minute`, wait_s, headers);
  return { caller, headers };
}

function refusalOf(outcome: Exclude<Verified["outcome"], "valid">): Refusal {
  if (outcome === "unknown") return unauthorized("This key is not known here.");
  if (outcome === "expired") return new Refusal("forbidden", "This key has expired: ask for another.");
  return new Refusal("forbidden", "This key was revoked.");
}

function unauthorized(message: string): Refusal {
  return new Refusal("unauthorized", message, { "www-authenticate": "Bearer" });
}

function tooMany(what: string, wait_s: number, headers: Readonly<Record<string, string>> = {}): Refusal {
  const words = `${what}: send the same again in ${wait_s} s.`;
  return new Refusal("too_many_requests", words, { ...headers, "retry-after": String(wait_s) });
}

/** Wrong keys by address, in windows of a minute. */
function guessesOf(most: number): { wait_s: (address: string) => number; note: (address: string) => void } {
  const counted = new Map<string, { n: number; until_ms: number }>();
  const current = (address: string): { n: number; until_ms: number } | undefined => {
    if (counted.size === 0) return undefined;
    const found = counted.get(address);
    if (found === undefined || found.until_ms > performance.now()) return found;
    counted.delete(address);
    return undefined;
  };
  return {
    wait_s: (address) => {
      const found = current(address);
      return found === undefined || found.n < most ? 0 : Math.max(1, Math.ceil((found.until_ms - performance.now()) / 1000));
    },
    note: (address) => {
      const found = current(address);
      if (found !== undefined) found.n += 1;
      else {
        if (counted.size >= addresses_max) counted.clear(); // So many addresses are one guesser with many; start anew.
        counted.set(address, { n: 1, until_ms: performance.now() + minute_ms });
      }
    },
  };
}

// Who stands before a proxy on this machine is whom the proxy names; of IPv6 the network counts, since one guesser has all of it.
function addressOf(request: IncomingMessage): string {
  const direct = request.socket.remoteAddress ?? "";
  const forwarded = request.headers["x-forwarded-for"];
  if (forwarded === undefined || !isLoopback(direct)) return direct.includes(":") ? ipKeyGenerator(direct) : direct;
  const named = String(forwarded)
    .split(",")
    .map((one) => one.trim());
  const farthest = named.findLast((one) => !isLoopback(one)) ?? direct;
  return farthest.includes(":") ? ipKeyGenerator(farthest) : farthest;
}

function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}
