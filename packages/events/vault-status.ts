import type { Executor } from "@jukebase/platform";
import { type Expiring, expiringSoon, sealedDays } from "./expire.ts";
import type { Intake } from "./load.ts";

/** How the vault stands. */
export type VaultStatus = {
  readonly subjects: number;
  readonly values: number;
  /** Values that still lie under the vault's one key; the next rotation gives them their subjects' keys. */
  readonly values_of_old: number;
  readonly erased: number;
  /** Values of erased subjects that came afterwards and were dropped. */
  readonly dropped: number;
  /** The generations in the ring, and how many subjects' keys each seals. */
  readonly generations: readonly { readonly generation: number; readonly made_at: string; readonly subjects: number }[];
  readonly master_key: { readonly fingerprint: string; readonly changed_at: string | null };
  /** Days whose keys are there, by age. */
  readonly days: { readonly kept: number; readonly oldest: string | null; readonly next_expires_on: string | null };
  readonly sealed_days: number;
  /** Open items that will be gone within two weeks. */
  readonly expiring: readonly Expiring[];
};

/** Counts what the vault holds and says what goes when. */
export async function vaultStatus(
  db: Executor,
  context: Pick<Intake, "clock"> & { readonly config: { readonly sealedDays?: number | undefined } },
): Promise<VaultStatus> {
  const days_kept = context.config.sealedDays ?? sealedDays;
  const [counts] = await db.query<Omit<VaultStatus, "generations" | "master_key" | "days" | "expiring" | "sealed_days">>(
    `select
       (select count(*)::int from vault.subject) as subjects,
       (select count(*) from vault.value) as values,
       (select count(*) from vault.value where key_id = 1) as values_of_old,
       (select count(*)::int from vault.erased) as erased,
       (select coalesce(sum(dropped), 0)::bigint from vault.erased) as dropped`,
  );
  const generations = await db.query<VaultStatus["generations"][number]>(
    `select secret.generation::int as generation, secret.made_at, count(subject.subject)::int as subjects
     from vault.secret
     left join vault.subject on subject.generation = secret.generation
     where secret.name = 'kek'
     group by secret.generation, secret.made_at
     order by secret.generation`,
  );
  const [days] = await db.query<VaultStatus["days"]>(
    `select count(*)::int as kept, min(day)::text as oldest, (min(day) + $1::int + 1)::text as next_expires_on
     from vault.day_key`,
    [days_kept],
  );
  const [master_key] = await db.query<VaultStatus["master_key"]>(
    "select key_fingerprint as fingerprint, key_changed_at as changed_at from platform.installation",
  );
  return {
    ...(counts as NonNullable<typeof counts>),
    generations,
    master_key: master_key as VaultStatus["master_key"],
    days: days as VaultStatus["days"],
    sealed_days: days_kept,
    expiring: await expiringSoon(db, context),
  };
}
