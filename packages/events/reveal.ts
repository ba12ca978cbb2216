import { Invalid, NotFound, transaction } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";
import type { Intake } from "./load.ts";
import { reveal } from "./vault.ts";

/** What somebody asked the vault for, and what for. */
export type Asking = { readonly actor: string; readonly purpose: string };

/**
 * The values behind tokens, for a purpose that is written down first: nothing leaves the vault unaudited. Those that were never kept,
 * or whose subject was erased, are absent. Throws `Invalid` without a purpose, `NotFound` when there is none of them.
 */
export async function revealFor(
  { database, keys, clock }: Pick<Intake, "database" | "keys" | "clock">,
  tokens: readonly string[],
  { actor, purpose }: Asking,
): Promise<Map<string, string>> {
  if (purpose.trim() === "") throw new Invalid('Say what the values are for: --purpose "…".');
  return transaction(database.pg, async (db) => {
    const object = tokens.join(" ");
    await audit(db, { actor, action: "privacy.reveal", object, why: purpose }, clock.now());
    const found = new Map<string, string>();
    for (const token of tokens) {
      const value = await reveal(db, keys, token);
      if (value !== undefined) found.set(token, value);
    }
    if (found.size === 0)
      throw new NotFound("The vault holds nothing behind this: it was never kept, or its subject was erased.");
    return found;
  });
}
