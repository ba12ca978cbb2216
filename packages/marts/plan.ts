import { createHash } from "node:crypto";
import { Invalid } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { columnsOf, defineMart, fileOf } from "./define-mart.ts";
import { type MartSelect, readMartSelect, renameReadings } from "./mart-select.ts";
import { publicForm } from "./masks.ts";
import { inOrder } from "./order.ts";
import { quoted } from "./quote.ts";
import { scheduleInWords } from "./service/schedule.ts";
import { refuseBrokenTests } from "./tests/test-sql.ts";

/** Schema of a domain → the projection that writes it. */
export type Schemas = Readonly<Record<string, string>>;

/** Schema → the one that is being filled beside it and is to take its place: what a mart reads of the first is read from the second. */
export type Beside = Readonly<Record<string, string>>;

/** A mart as its source says it is to be built. */
export type Planned = {
  readonly name: string;
  readonly kind: Mart["kind"];
  readonly mart: Mart;
  readonly select: MartSelect;
  /** The SELECT with every `marts.x` replaced by the store it stands on: nothing built depends on a name that a swap moves. */
  readonly definition: string;
  readonly parts: Parts;
  /** The digest of the parts. */
  readonly hash: string;
  readonly words: Words;
  readonly documentation_hash: string;
  readonly store: string;
  readonly columns: readonly string[];
  readonly upstream: readonly string[];
  /** The stores of the marts that it reads, by name. */
  readonly beneath: ReadonlyMap<string, string>;
  readonly projections: readonly string[];
  readonly beside: Beside;
};

/** What a store is made of, each part under its name; the parts beneath are other marts' hashes, and what names mean today. */
export type Parts = { readonly own: Readonly<Record<string, unknown>> & { readonly select: string }; readonly beneath: Beneath };

/** Marts read → their hashes, tables read → which table that is, and the reporting zone. */
export type Beneath = {
  readonly marts: Readonly<Record<string, string>>;
  readonly tables: Readonly<Record<string, string>>;
  readonly timeZone: string;
};

/** What is said of a mart, and what its readers see; none of it changes its rows. */
export type Words = Readonly<Record<"description" | "grain" | "owner", string>> & {
  readonly columns: Readonly<Record<string, string>>;
  readonly freshness_s: number;
  /** Its schedule; left out where it has none. */
  readonly refresh?: string;
  /** What stands between the rows and their readers. */
  readonly masks: Readonly<Record<"sensitive" | "visibleTo", unknown>>;
};

/** The name (in marts_store) of the view that holds the mart's SELECT; for a mart of kind view that is its store. */
export function definitionOf(mart: { readonly store: string; readonly kind: Mart["kind"] }): string {
  return mart.kind === "view" ? mart.store : `${mart.store}__definition`;
}

/**
 * Reads all marts' files and works out, in order, what each would be built as. Throws Invalid, with file and line, on what is wrong in
 * a file, a mart declared twice, a cycle, or `reads` that differ from what the SELECT names. Planned over schemas beside the live ones,
 * marts are what they will be once those have taken the live ones' names.
 */
export async function planMarts(db: Executor, marts: readonly Mart[], schemas: Schemas, beside: Beside = {}): Promise<Planned[]> {
  const drafts = await Promise.all(marts.map(draft));
  refuseTwins(drafts);
  await refuseBrokenTests(marts);
  const ground = await groundOf(db, drafts, beside);
  const planned = new Map<string, Planned>();
  for (const each of inOrder(drafts)) planned.set(each.name, plan(each, planned, ground, schemas, beside));
  return [...planned.values()];
}

type Draft = Pick<Planned, "name" | "mart" | "select" | "upstream"> & { readonly file: string };

/**
 * What lies beneath all marts: the reporting zone, and which tables the names mean today: a rebuilt schema brings new ones, and a seed with
 * another text is another table.
 */
type Ground = { readonly timeZone: string; readonly identities: Readonly<Record<string, string>> };

async function draft(mart: Mart): Promise<Draft> {
  const select = await readMartSelect(defineMart(mart));
  for (const { schema, relation } of select.readings) {
    if (`${schema}.${relation}` in mart.reads) continue;
    throw new Invalid(`${fileOf(mart)}: marts.${mart.name} reads ${schema}.${relation}, which its reads do not declare`);
  }
  return {
    name: mart.name,
    file: fileOf(mart),
    mart,
    select,
    upstream: relationsOf(mart, true).map((name) => name.slice("marts.".length)),
  };
}

function refuseTwins(drafts: readonly Draft[]): void {
  const seen = new Map<string, Mart>();
  for (const { name, mart } of drafts) {
    const twin = seen.get(name);
    if (twin !== undefined) throw new Invalid(`marts.${name} is declared twice: ${fileOf(twin)} and ${fileOf(mart)}`);
    seen.set(name, mart);
  }
}

async function groundOf(db: Executor, drafts: readonly Draft[], beside: Beside): Promise<Ground> {
  const names = [...new Set(drafts.flatMap(({ mart }) => relationsOf(mart, false)))];
  const [zone] = await db.query<{ zone: string }>("select platform.time_zone() as zone");
  const rows = await db.query<{ name: string; identity: string }>(
    `select meant.name, concat_ws(' ', to_regclass(place)::oid, file.checksum) as identity
     from unnest($1::text[], $2::text[]) as meant (name, place)
     left join seeds.file on 'seeds.' || file.name = meant.name
     where to_regclass(place) is not null`,
    [names, names.map((name) => nameBeside(name, beside))],
  );
  return { timeZone: zone?.zone ?? "UTC", identities: Object.fromEntries(rows.map(({ name, identity }) => [name, identity])) };
}

function plan(
  { name, mart, select, upstream }: Draft,
  planned: ReadonlyMap<string, Planned>,
  ground: Ground,
  schemas: Schemas,
  beside: Beside,
): Planned {
  const tables = relationsOf(mart, false);
  for (const table of tables) {
    if (ground.identities[table] === undefined)
      throw new Invalid(`${fileOf(mart)}: marts.${name} reads ${table}, which does not exist`);
  }
  const stores = new Map(upstream.map((up) => [up, planned.get(up)?.store ?? ""]));
  const columns = columnsOf(mart);
  const { kind, key, bucket, history, indexes, reads, description, grain, owner, freshness_s } = mart;
  const shape = {
    kind,
    columns: columns.map((column) => column.name),
    key,
    bucket,
    ...(history === undefined ? {} : { history }),
  };
  const own = { select: select.text, ...shape, indexes, reads };
  const beneath = {
    marts: Object.fromEntries(upstream.map((up) => [up, planned.get(up)?.hash ?? ""])),
    tables: Object.fromEntries(tables.map((table) => [table, ground.identities[table] ?? ""])),
    timeZone: ground.timeZone,
  };
  const parts = { own, beneath };
  const hash = hashOf(parts);
  return {
    name,
    kind,
    mart,
    select,
    upstream,
    beneath: stores,
    columns: columns.map((column) => column.name),
    definition: renameReadings(select, (schema, relation) => {
      if (schema === "marts") return quoted(`marts_store.${stores.get(relation)}`);
      return schema in beside ? quoted(nameBeside(`${schema}.${relation}`, beside)) : undefined;
    }),
    parts,
    hash,
    words: {
      description,
      grain,
      owner,
      freshness_s,
      ...(mart.refresh === undefined ? {} : { refresh: scheduleInWords(mart.refresh) }),
      columns: Object.fromEntries(columns.map((column) => [column.name, column.description])),
      masks: { sensitive: mart.sensitive ?? {}, visibleTo: mart.visibleTo ?? {} },
    },
    documentation_hash: digest([
      columns,
      description,
      grain,
      owner,
      freshness_s,
      publicForm(mart),
      ...(mart.refresh === undefined ? [] : [mart.refresh]),
    ]),
    store: `${name}__${hash.slice(0, 8)}`,
    projections: [...new Set(tables.flatMap((table) => schemas[table.split(".")[0] ?? ""] ?? []))].sort(),
    beside,
  };
}

/** The hash of a store made of these parts. */
export function hashOf({ own, beneath }: Parts): string {
  return digest([...Object.values(own), [Object.values(beneath.marts), Object.values(beneath.tables), beneath.timeZone]]);
}

/** Where a relation, `schema.relation`, is to be found. */
export function nameBeside(name: string, beside: Beside): string {
  const [schema = "", relation = ""] = name.split(".");
  return `${beside[schema] ?? schema}.${relation}`;
}

function relationsOf(mart: Mart, inMarts: boolean): string[] {
  return Object.keys(mart.reads)
    .filter((name) => name.startsWith("marts.") === inMarts)
    .sort();
}

function digest(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
