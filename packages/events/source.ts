import { Conflict, type Dialect, type Executor, Invalid, requireZone } from "@jukebase/platform";

/** Who sends: facts (each row happened) or observations (each row is a state seen), and how it writes dates and money. */
export type Source = {
  readonly source: string;
  readonly kind: "facts" | "observations";
  /** Sources of one namespace share natural ids: device 5 of one is device 5 of the other. */
  readonly namespace: string;
  readonly dialect: Dialect;
};

/** What may be declared of a source; what is left out keeps its stored or default value. */
export type SourceDeclaration = {
  readonly kind?: "facts" | "observations" | undefined;
  readonly namespace?: string | undefined;
  readonly dateOrder?: "dmy" | "mdy" | "ymd" | undefined;
  readonly timeZone?: string | undefined;
  readonly currency?: string | undefined;
};

/** The source of that name, made if new, with whatever is declared now. Throws `Invalid` for a name, zone or currency that is none,
 * `Conflict` for another namespace once events came. */
export async function declareSource(db: Executor, name: string, declared: SourceDeclaration = {}): Promise<Source> {
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(name)) {
    throw new Invalid(
      `"${name}" cannot name a source: use lower-case letters, digits, ".", "_" and "-", up to 63, for example "billing-eu".`,
    );
  }
  if (declared.timeZone !== undefined) requireZone(declared.timeZone);
  if (declared.currency !== undefined && !/^[A-Z]{3}$/.test(declared.currency)) {
    throw new Invalid(`"${declared.currency}" is not a currency: give its ISO 4217 code, for example USD.`);
  }
  const [known] = await db.query<SourceRow>(`select ${columns} from events.source where source = $1`, [name]);
  if (known && Object.values(declared).every((value) => value === undefined)) return sourceOf(known);
  if (known && declared.namespace !== undefined && declared.namespace !== known.namespace) await refuseRenaming(db, known);
  const [row] = await db.query<SourceRow>(
    `insert into events.source as known (source, kind, namespace, date_order, time_zone, currency)
     values ($1, coalesce($2, 'facts'), coalesce($3, $1), $4, coalesce($5, 'UTC'), coalesce($6, 'USD'))
     on conflict (source) do update set
       kind = coalesce($2, known.kind),
       namespace = coalesce($3, known.namespace),
       date_order = coalesce($4, known.date_order),
       time_zone = coalesce($5, known.time_zone),
       currency = coalesce($6, known.currency)
     returning ${columns}`,
    [
      name,
      declared.kind ?? null,
      declared.namespace ?? null,
      declared.dateOrder ?? null,
      declared.timeZone ?? null,
      declared.currency ?? null,
    ],
  );
  return sourceOf(row as SourceRow);
}

// What is projected carries keys made of the namespace; another one would make a rebuild differ from what is live.
async function refuseRenaming(db: Executor, { source, namespace }: SourceRow): Promise<void> {
  const [batch] = await db.query("select seq from events.batch where source = $1 limit 1", [source]);
  if (!batch) return;
  throw new Conflict(
    `The source "${source}" has sent events under the namespace "${namespace}", so that stays. Send under another source name instead.`,
  );
}

const columns = "source, kind, namespace, date_order, time_zone, currency";

type SourceRow = {
  source: string;
  kind: Source["kind"];
  namespace: string;
  date_order: Dialect["dateOrder"] | null;
  time_zone: string;
  currency: string;
};

function sourceOf(row: SourceRow): Source {
  const dialect: Dialect = {
    timeZone: row.time_zone,
    currency: row.currency,
    ...(row.date_order ? { dateOrder: row.date_order } : {}),
  };
  return { source: row.source, kind: row.kind, namespace: row.namespace, dialect };
}
