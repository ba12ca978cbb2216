import { createHmac } from "node:crypto";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { seal, unseal } from "@jukebase/events/vault.ts";
import { Conflict, type Executor, Invalid, pgExecutor } from "@jukebase/platform";

/** A request that came with an `Idempotency-Key`. */
export type Keyed = {
  /** The answer to the same request, if it was taken in already. Throws `Conflict` when the key came with another body. */
  readonly known: () => Promise<unknown>;
  /** Keeps the answer, in the transaction of the events. Throws `TakenMeanwhile` when the same key was taken in since. */
  readonly keep: (db: Executor, answer: unknown) => Promise<void>;
};

/** The same key was taken in while this request was on its way: what it would have written is undone, and the other's answer holds. */
export class TakenMeanwhile extends Error {
  override readonly name = "TakenMeanwhile";
}

/** How long a key is remembered, in hours. */
export const remembered_h = 24;

/** Throws `Invalid` for a key that is none. */
export function requireKey(key: string): void {
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) throw new Invalid("An Idempotency-Key has 1 to 200 visible ASCII characters.");
}

/** Of key and body only keyed hashes are kept, the answer is sealed; `about` is what else the request says (CloudEvents' headers). */
export function keyedRequest(
  { database, keys, clock }: Pick<Jukebase, "database" | "keys" | "clock">,
  {
    source,
    key,
    body,
    about,
  }: { readonly source: string; readonly key: string; readonly body: Uint8Array; readonly about: string },
): Keyed {
  const now = clock.now();
  const forgotten = new Date(now.getTime() - remembered_h * 60 * 60 * 1000).toISOString();
  const key_hash = createHmac("sha256", keys.body).update(`idempotency\u0000${key}`).digest();
  const body_hash = createHmac("sha256", keys.body).update(`${about}\u0000`).update(body).digest();
  return {
    known: async () => {
      const [row] = await pgExecutor(database.pg).query<{ body_hash: Buffer; answer: Buffer }>(
        "select body_hash, answer from platform.idempotency where source = $1 and key_hash = $2 and received_at > $3::timestamptz",
        [source, key_hash, forgotten],
      );
      if (row === undefined) return undefined;
      if (!row.body_hash.equals(body_hash)) throw otherBody();
      return JSON.parse(unseal(keys.vault, row.answer).toString());
    },
    keep: async (db, answer) => {
      const kept = await db.query(
        `insert into platform.idempotency as known (source, key_hash, body_hash, answer, received_at)
         values ($1, $2, $3, $4, $5::timestamptz)
         on conflict (source, key_hash) do update set
           body_hash = excluded.body_hash, answer = excluded.answer, received_at = excluded.received_at
         where known.received_at <= $6::timestamptz
         returning 1 as kept`,
        [source, key_hash, body_hash, seal(keys.vault, Buffer.from(JSON.stringify(answer))), now.toISOString(), forgotten],
      );
      if (kept.length === 0) throw new TakenMeanwhile();
    },
  };
}

function otherBody(): Conflict {
  return new Conflict(
    `This Idempotency-Key came with another body within the last ${remembered_h} hours, and that one stands; nothing of this one was taken in. Give every request a key of its own, and send the same body again under the same key.`,
  );
}
