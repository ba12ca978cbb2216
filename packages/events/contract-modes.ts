import { type Database, type EventContract, type Executor, Invalid, NotFound, transaction } from "@jukebase/platform";
import { audit, type Deed } from "@jukebase/platform/audit.ts";
import { type Entity, entities, everyType, type Mode, type ModeBook, type Modes, modeNames } from "./contracts/modes.ts";
import type { Intake } from "./load.ts";

/** For how long a process judges by the modes that it has read: a change takes effect everywhere within this time. */
export const modesFresh_ms = 2000;

type Shelf = { readonly at: number; readonly book: Promise<ModeBook | undefined> };

// By the one pool that every view of a database shares: an intake has its own view of the other.
const shelves = new WeakMap<Database["sql"], Shelf>();

/** The modes of today; undefined when none was ever set, so that judging need not ask. Read once in two seconds, whatever is asked. */
export function modesNow({ database, clock }: Pick<Intake, "database" | "clock">): Promise<ModeBook | undefined> {
  const now = clock.now().getTime();
  const known = shelves.get(database.sql);
  if (known !== undefined && Math.abs(now - known.at) < modesFresh_ms) return known.book;
  const book = readBook(database);
  shelves.set(database.sql, { at: now, book });
  book.catch(() => shelves.delete(database.sql)); // Whoever waits for it is told; the next one asks again.
  return book;
}

/** One mode that somebody set; the type `*` stands for all types that say nothing themselves. */
export type SetMode = {
  readonly type: string;
  readonly entity: keyof Modes;
  readonly mode: Mode;
  readonly set_at: string;
  readonly set_by: string;
};

/** Every mode that was set. */
export function listModes(db: Executor): Promise<SetMode[]> {
  return db.query<SetMode>("select type, entity, mode, set_at, set_by from events.contract_mode order by type, entity");
}

/** The modes that were set, as judging looks them up. */
export function modeBook(set: readonly Pick<SetMode, "type" | "entity" | "mode">[]): ModeBook {
  const book = new Map<string, Partial<Modes>>();
  for (const { type, entity, mode } of set) book.set(type, { ...book.get(type), [entity]: mode });
  return book;
}

/** The setting by which a mode of a type holds: its own, else that of all types; undefined where nobody said anything. */
export function settingOf(set: readonly SetMode[], type: string, entity: Entity): SetMode | undefined {
  return [type, everyType].flatMap((name) => set.filter((mode) => mode.type === name && mode.entity === entity))[0];
}

/** Which modes to set; null takes a setting back. */
export type ModeChange = { readonly [E in keyof Modes]?: Mode | null | undefined };

/**
 * Sets modes of a type, or of all that say nothing themselves, and writes it into the audit log. Takes effect in this process at once, in
 * the others within two seconds. Throws `Invalid` for what is no mode, `NotFound` for fields of a type that has no contract.
 */
export async function setModes(
  { database, clock, contracts }: Pick<Intake, "database" | "clock" | "contracts">,
  type: string,
  change: ModeChange,
  deed: Pick<Deed, "actor" | "why" | "requestId">,
): Promise<Partial<Modes>> {
  const wanted = entities.flatMap((entity) => (change[entity] === undefined ? [] : [[entity, change[entity]] as const]));
  requireSense(type, wanted, contracts);
  const at = clock.now();
  const after = await transaction(database.pg, async (db) => {
    await db.query("lock table events.contract_mode in share row exclusive mode");
    const before = await modesOf(db, type);
    for (const [entity, mode] of wanted) await setOne(db, { type, entity, mode, actor: deed.actor, at });
    const now = await modesOf(db, type);
    await audit(db, { ...deed, action: "contract.mode", object: type, before, after: now }, at);
    return now;
  });
  shelves.delete(database.sql);
  return after;
}

async function readBook({ pg }: Database): Promise<ModeBook | undefined> {
  const { rows } = await pg.query<SetMode>("select type, entity, mode from events.contract_mode");
  return rows.length === 0 ? undefined : modeBook(rows);
}

type Wanted = readonly (readonly [entity: keyof Modes, mode: Mode | null])[];

function requireSense(type: string, wanted: Wanted, contracts: ReadonlyMap<string, EventContract>): void {
  if (wanted.length === 0) throw new Invalid("Say which mode to set: tables, columns or data_type.");
  for (const [entity, mode] of wanted) {
    if (mode !== null && !modeNames.includes(mode))
      throw new Invalid(`"${mode}" is not a mode for ${entity}; there are ${modeNames.join(", ")}.`);
    if (entity !== "tables" && type !== everyType && !contracts.has(type))
      throw new NotFound(
        `There is no contract "${type}", so only its mode for tables can be set. See \`jukebase contracts list\`.`,
      );
  }
  if (type !== everyType && !/^[\x21-\x7e]{1,200}$/.test(type))
    throw new Invalid("An event type has 1 to 200 visible characters and no spaces.");
}

async function modesOf(db: Executor, type: string): Promise<Partial<Modes>> {
  const rows = await db.query<SetMode>("select entity, mode from events.contract_mode where type = $1 order by entity", [type]);
  return Object.fromEntries(rows.map(({ entity, mode }) => [entity, mode]));
}

type One = {
  readonly type: string;
  readonly entity: keyof Modes;
  readonly mode: Mode | null;
  readonly actor: string;
  readonly at: Date;
};

async function setOne(db: Executor, { type, entity, mode, actor, at }: One): Promise<void> {
  if (mode === null) await db.query("delete from events.contract_mode where type = $1 and entity = $2", [type, entity]);
  else
    await db.query(
      `insert into events.contract_mode (type, entity, mode, set_at, set_by)
       values ($1, $2, $3, $4, $5)
       on conflict (type, entity) do update set mode = excluded.mode, set_at = excluded.set_at, set_by = excluded.set_by`,
      [type, entity, mode, at.toISOString(), actor],
    );
}
