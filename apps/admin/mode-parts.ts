import { card, form, formatInstant, type HtmlValue, html, selectField, table, textField } from "@jukebase/console";
import {
  type Entity,
  everyType,
  listModes,
  type Mode,
  modeBook,
  modeNames,
  modesFor,
  type SetMode,
  settingOf,
} from "@jukebase/events";
import type { Console } from "./console.ts";

/** Of which type (`*`: all that say nothing themselves) the modes are shown, and for which entities. */
export type ModeSubject = { readonly type: string; readonly entities: readonly Entity[] };

/** What becomes of that which a contract does not foresee: as it stands and by whom, and a form that sets it. */
export async function modeCard({ db, zone }: Console, subject: ModeSubject, csrf: string): Promise<HtmlValue> {
  const set = await listModes(db);
  return card({ title: titleOf(subject), body: html`${modeTable(set, subject, zone)}${modeForm(set, subject, csrf)}` });
}

function titleOf({ type, entities }: ModeSubject): string {
  if (type === everyType) return "What no contract foresees, of all types";
  return entities.includes("tables") ? "What becomes of its events" : "What the contract does not foresee";
}

function modeTable(set: readonly SetMode[], { type, entities }: ModeSubject, zone: string): HtmlValue {
  const modes = modesFor(modeBook(set), type);
  const rows = entities.map((entity) => ({
    unforeseen: unforeseen[entity],
    mode: modes[entity],
    meaning: meanings[entity][modes[entity]],
    said_by: saidBy(settingOf(set, type, entity), type, zone),
  }));
  return table({ caption: "Modes", captionHidden: true, fields: modeFields, rows, empty: "It has none." });
}

const modeFields = [
  { name: "unforeseen", type: "text", description: "What may be unforeseen." },
  { name: "mode", type: "text", description: "What becomes of it." },
  { name: "meaning", type: "text", description: "The same in words." },
  { name: "said_by", type: "text", description: "Who said so, and when." },
] as const;

function saidBy(said: SetMode | undefined, type: string, zone: string): string {
  if (said === undefined) return "nobody: as usual";
  const who = `${said.set_by}, ${formatInstant(Temporal.Instant.from(said.set_at), zone)}`;
  return said.type === type ? who : `${who}, for all types`;
}

function modeForm(set: readonly SetMode[], { type, entities }: ModeSubject, csrf: string): HtmlValue {
  const own = set.filter((mode) => mode.type === type);
  const others = modesFor(modeBook(set.filter((mode) => mode.type === everyType && type !== everyType)), type);
  const fields = entities.map((entity) =>
    selectField({
      name: `mode-${entity}`,
      label: unforeseen[entity],
      value: own.find((mode) => mode.entity === entity)?.mode,
      choices: [
        { value: "", label: `${type === everyType ? "as usual" : "as all types"}: ${words(entity, others[entity])}` },
        ...modeNames.map((value) => ({ value, label: words(entity, value) })),
      ],
    }),
  );
  const why = textField({ name: "why", label: "Reason", hint: "Kept in the audit log; may be left out." });
  return form({
    action: "/contracts/modes",
    csrf,
    hidden: { type },
    body: html`${fields}${why}`,
    submit: "Set the modes",
    tone: "quiet",
  });
}

function words(entity: Entity, mode: Mode): string {
  return `${mode} (${short[entity][mode]})`;
}

const unforeseen = {
  tables: "A type without a contract",
  columns: "A field that the contract does not name",
  data_type: "A value that breaks its rule",
} as const;

const short = {
  tables: {
    evolve: "waits, and is logged once its contract is known",
    freeze: "waits to be replayed",
    discard_row: "is discarded",
    discard_value: "is discarded",
  },
  columns: {
    evolve: "is kept with its event",
    freeze: "its event waits in quarantine",
    discard_row: "its event is discarded",
    discard_value: "is taken out of its event",
  },
  data_type: {
    evolve: "is kept with its event",
    freeze: "its event waits in quarantine",
    discard_row: "its event is discarded",
    discard_value: "is taken out of its event",
  },
} as const;

const meanings = {
  tables: {
    evolve: "Its events wait in quarantine, and are logged within the hour in which its contract is known.",
    freeze: "Its events wait in quarantine for somebody to replay them.",
    discard_row: "Its events are discarded, and stay in quarantine marked so.",
    discard_value: "Its events are discarded, and stay in quarantine marked so.",
  },
  columns: {
    evolve: "A field that it does not name is kept, sealed, with the event.",
    freeze: "An event with a field that it does not name goes to quarantine.",
    discard_row: "An event with a field that it does not name is discarded, and stays in quarantine marked so.",
    discard_value: "A field that it does not name is taken out of the event, and stays in quarantine marked so.",
  },
  data_type: {
    evolve: "An optional value that breaks its rule is kept, sealed, with the event.",
    freeze: "An event with a value that breaks its rule goes to quarantine.",
    discard_row: "An event with a value that breaks its rule is discarded, and stays in quarantine marked so.",
    discard_value: "An optional value that breaks its rule is taken out of the event, and stays in quarantine marked so.",
  },
} as const;
