/** What becomes of that which a contract does not foresee. */
export type Mode = "evolve" | "freeze" | "discard_row" | "discard_value";

/** What a contract may fail to foresee: an event type, a field, a value that breaks its field's rule. */
export type Entity = "tables" | "columns" | "data_type";

/** A mode for each entity. */
export type Modes = Readonly<Record<Entity, Mode>>;

/** Every mode that was set, by event type; `*` holds for all types that say nothing themselves. */
export type ModeBook = ReadonlyMap<string, Partial<Modes>>;

/** The modes, from the most lenient to the most wasteful. */
export const modeNames = ["evolve", "freeze", "discard_row", "discard_value"] as const satisfies readonly Mode[];

/** The entities that have modes. */
export const entities = ["tables", "columns", "data_type"] as const satisfies readonly Entity[];

/** What holds where nothing was set: unknown types wait in quarantine, unknown fields are kept sealed, broken values refuse their event. */
export const usualModes: Modes = { tables: "freeze", columns: "evolve", data_type: "freeze" };

/** The type under which the modes of all types stand. */
export const everyType = "*";

/** The modes of one event type: its own before those of all types, before the usual ones. */
export const modesFor = (book: ModeBook | undefined, type: string): Modes =>
  book === undefined ? usualModes : { ...usualModes, ...book.get(everyType), ...book.get(type) };
