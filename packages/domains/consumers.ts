import type { Domain, Mart, Projection } from "@jukebase/platform";

/** Who reads an event type: projections by name, the marts that follow from their tables, the reports that stand on these. */
export type Consumers = {
  readonly projections: readonly string[];
  readonly marts: readonly string[];
  readonly reports: readonly string[];
};

/**
 * Who reads an event type. A mart counts when it reads the type's own facts, a table that its projection derives (from which types it
 * derives that, only the projection's code says), or a mart that counts; not when it reads other types' facts alone.
 */
export function consumersOf(domains: readonly Domain[], type: string): Consumers {
  const projections = domains.flatMap((domain) => domain.projections).filter(({ types }) => types.includes(type));
  const marts = following(
    domains.flatMap((domain) => domain.marts),
    (relation) => projections.some((projection) => tells(projection, type, relation)),
  );
  const names = new Set(marts.map(({ name }) => name));
  const reports = domains.flatMap((domain) => domain.reports).filter(({ marts: read }) => read.some((name) => names.has(name)));
  return {
    projections: projections.map(({ name }) => name),
    marts: marts.map(({ name }) => name).sort(),
    reports: reports.map(({ name }) => name).sort(),
  };
}

/** Consumers in one line for people. */
export function consumersInWords({ projections, marts, reports }: Consumers): string {
  const kinds = [
    ["projections", projections],
    ["marts", marts],
    ["reports", reports],
  ] as const;
  const told = kinds.filter(([, names]) => names.length > 0).map(([kind, names]) => `${kind} ${names.join(", ")}`);
  return told.length === 0 ? "nobody" : told.join("; ");
}

function tells({ schema, facts }: Projection, type: string, relation: string): boolean {
  if (!relation.startsWith(`${schema}.`)) return false;
  const table = relation.slice(schema.length + 1);
  return facts[type] === table || !Object.values(facts).includes(table);
}

function following(marts: readonly Mart[], isRead: (relation: string) => boolean): Mart[] {
  const found = new Set<Mart>();
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    const views = new Set([...found].map(({ name }) => `marts.${name}`));
    for (const mart of marts)
      if (Object.keys(mart.reads).some((relation) => views.has(relation) || isRead(relation))) found.add(mart);
  }
  return marts.filter((mart) => found.has(mart));
}
