import { access, readFile, rm } from "node:fs/promises";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { declareSource, type LoadSummary, load, loadFingerprint, type Mapping, openSource, parseMapping } from "@jukebase/events";
import { type HandedOver, handedOver, inboxOf } from "@jukebase/events/handed-over.ts";
import { Invalid, NotFound, pgExecutor } from "@jukebase/platform";
import { unsealFile } from "@jukebase/platform/inbox.ts";

/** What loading a handed-over file did; undefined when an earlier attempt had loaded it whole. */
export type LoadedFile = LoadSummary | undefined;

/**
 * Loads a file of the inbox and then deletes it, with its mapping. Doing it again after a failure adds nothing: facts without ids are
 * told by their content. Throws what the intake throws; `NotFound` when the file is gone and was never loaded.
 */
export async function loadFile(jukebase: Jukebase, payload: unknown, interrupted: () => boolean): Promise<LoadedFile> {
  const job = handedOver.parse(payload);
  const db = pgExecutor(jukebase.database.pg);
  const mapping = await mappingOf(jukebase, job);
  const opened = await openHandedOver(jukebase, job, mapping).catch(async (error: unknown) => {
    if (!(error instanceof NotFound) || !(await wasLoaded(jukebase, job.file))) throw error;
    return undefined;
  });
  if (opened === undefined) return undefined;
  const { kind, dateOrder, timeZone, currency }: Partial<Mapping> = mapping ?? {};
  const source = await declareSource(db, job.source, { kind, dateOrder, timeZone, currency });
  const read = { format: opened.format, mapping, type: job.type };
  const input = { bytes: untilInterrupted(opened.input, interrupted), read };
  // The name in the inbox is of this one file, so another attempt carries on where this one stops.
  const summary = await load(jukebase, input, {
    source,
    name: job.file,
    fingerprint: loadFingerprint(job.file, read),
    type: job.type,
  });
  for (const name of [job.file, job.mapping ?? []].flat()) await rm(`${inboxOf(jukebase.config)}/${name}`, { force: true });
  return summary;
}

async function mappingOf({ config }: Jukebase, { mapping }: HandedOver): Promise<Mapping | undefined> {
  if (mapping === undefined) return undefined;
  const text = await readFile(`${inboxOf(config)}/${mapping}`, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    throw new NotFound(`The mapping ${mapping} is not in the inbox any more.`, { cause: error });
  });
  return parseMapping(text, mapping);
}

async function openHandedOver(
  { config, keys }: Jukebase,
  { file, format }: HandedOver,
  mapping: Mapping | undefined,
): ReturnType<typeof openSource> {
  const path = `${inboxOf(config)}/${file}`;
  await access(path).catch((cause: unknown) => {
    throw new NotFound(`The file ${file} is not in the inbox any more.`, { cause });
  });
  return openSource("-", { format, mapping, stdin: unsealFile(path, keys.vault) }).catch((error: unknown) => {
    throw error instanceof Invalid ? new Invalid(error.message.replace(/^Standard input/, file), { cause: error }) : error;
  });
}

async function wasLoaded({ database }: Jukebase, name: string): Promise<boolean> {
  const { rows } = await database.pg.query("select from events.load where name = $1 and status = 'done' limit 1", [name]);
  return rows.length > 0;
}

// The log keeps what was read until then, and the next attempt reads over it.
async function* untilInterrupted(input: AsyncIterable<Uint8Array>, interrupted: () => boolean): AsyncGenerator<Uint8Array> {
  for await (const chunk of input) {
    if (interrupted()) throw new Error("The worker is stopping; another attempt will load this file.");
    yield chunk;
  }
}
