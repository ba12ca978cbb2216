import { fingerprintOf, rewrapRing } from "@jukebase/events";
import { Invalid, transaction } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";
import { prepareKeyFile } from "./master-key.ts";
import type { Jukebase } from "./open.ts";

/** What came of it; `file` and `old` where the key is in the installation's own key file, which was replaced. */
export type ChangedMasterKey = {
  readonly fingerprint: string;
  readonly before: string;
  readonly file?: string;
  readonly old?: string;
};

/**
 * Seals the ring under the next master key. The installation's own key file is prepared before the database is changed and put in place
 * after it, so that, wherever this is cut short, the next opening finds the key that opens. A key of the environment is the caller's to
 * replace. Throws `Invalid` for a key that is none or in use.
 */
export async function changeMasterKey(
  { config, database, keys, clock }: Jukebase,
  next: string,
  actor: string,
  cutShort: (after: "file" | "database") => void = () => {},
): Promise<ChangedMasterKey> {
  if (fingerprintOf(next) === keys.fingerprint) throw new Invalid("That is the master key in use; give a new one.");
  const own = config.key === undefined && config.keyFile === undefined ? await prepareKeyFile(config, next) : undefined;
  cutShort("file");
  const fingerprint = await transaction(database.pg, async (db) => {
    const made = await rewrapRing(db, keys, next, clock.now());
    const deed = { actor, action: "privacy.rotate-master", object: "master key" };
    await audit(db, { ...deed, before: { fingerprint: keys.fingerprint }, after: { fingerprint: made } }, clock.now());
    return made;
  });
  cutShort("database");
  await own?.finish();
  return { fingerprint, before: keys.fingerprint, ...(own === undefined ? {} : { file: own.file, old: own.old }) };
}
