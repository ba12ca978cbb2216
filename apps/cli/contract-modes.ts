import { access } from "node:fs/promises";
import { databaseUrl } from "@jukebase/domains/open.ts";
import {
  type Entity,
  entities,
  everyType,
  listModes,
  type Mode,
  type ModeChange,
  type Modes,
  modeBook,
  modesFor,
  type SetMode,
  setModes,
  settingOf,
} from "@jukebase/events";
import { connect, Invalid, pgExecutor } from "@jukebase/platform";
import { actor } from "./actor.ts";
import { type Cli, withJukebase } from "./cli.ts";
import { listing } from "./terminal.ts";

/** What may be said of the modes of a type. */
export type ModeOptions = {
  readonly all?: boolean;
  readonly tables?: string;
  readonly columns?: string;
  readonly dataType?: string;
  readonly why?: string;
};

/** `jukebase contracts mode`: shows modes, or sets those that are named. */
export async function contractMode(cli: Cli, type: string | undefined, options: ModeOptions): Promise<void> {
  if ((type === undefined) !== (options.all ?? false)) throw new Invalid("Name one event type, or say --all for all of them.");
  const name = type ?? everyType;
  const change: ModeChange = {
    tables: asked(options.tables),
    columns: asked(options.columns),
    data_type: asked(options.dataType),
  };
  const isChange = Object.values(change).some((mode) => mode !== undefined);
  await withJukebase(cli, async (jukebase) => {
    if (isChange) await setModes(jukebase, name, change, { actor: actor(), why: options.why });
    const set = await listModes(pgExecutor(jukebase.database.pg));
    const modes = modesFor(modeBook(set), name);
    cli.terminal.answer({ type: name, modes, set: set.filter((mode) => mode.type === name) });
    const rows = entities.map((entity) => ({ entity, mode: modes[entity], said_by: saidBy(set, name, entity) }));
    cli.terminal.print(listing({ entity: "text", mode: "text", said_by: "text" }, rows));
  });
}

/** The modes as they stand in this installation's database, by type; undefined where there is none yet or it does not answer. */
export async function modesHere({ config, terminal }: Cli): Promise<((type: string) => Modes) | undefined> {
  const here = config();
  if (here.databaseUrl === undefined && !(await exists(`${here.home}/postgres`))) return undefined;
  try {
    const database = await connect(await databaseUrl(here), { max: 1, name: "jukebase cli" });
    try {
      const db = pgExecutor(database.pg);
      const [known] = await db.query<{ known: boolean }>("select to_regclass('events.contract_mode') is not null as known");
      const book = modeBook(known?.known ? await listModes(db) : []);
      return (type) => modesFor(book, type);
    } finally {
      await database.end();
    }
  } catch (error) {
    terminal.note(`The modes are not shown, because the database does not answer: ${(error as Error).message}`);
    return undefined;
  }
}

/** Modes in one line for people. */
export function modesInWords(modes: Modes): string {
  return entities.map((entity) => `${entity} ${modes[entity]}`).join(", ");
}

// "usual" takes a setting back.
function asked(mode: string | undefined): Mode | null | undefined {
  return mode === "usual" ? null : (mode as Mode | undefined);
}

function saidBy(set: readonly SetMode[], type: string, entity: Entity): string {
  const said = settingOf(set, type, entity);
  if (said === undefined) return "as usual";
  return `${said.set_by}, ${said.set_at}${said.type === type ? "" : ", for all types"}`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
