/** An OpenLineage run event, spec 2-0-2: a run of a job started, or ended. Instants are ISO 8601 in UTC, run ids are UUIDs. */
export type RunEvent = {
  readonly eventType: "START" | "COMPLETE" | "FAIL" | "ABORT";
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly run: { readonly runId: string; readonly facets: Facets };
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: Facets };
  readonly inputs: readonly Dataset[];
  readonly outputs: readonly Dataset[];
};

/** Facets by name; each carries who made it and the schema that it keeps. */
export type Facets = Readonly<Record<string, Facet>>;

/** One facet. */
export type Facet = { readonly _producer: string; readonly _schemaURL: string; readonly [key: string]: unknown };

/** A dataset: where it is (`postgres://host:port`) and what it is called there (`database.schema.relation`). */
export type Dataset = DatasetName & {
  readonly facets?: Facets;
  readonly inputFacets?: Facets;
  readonly outputFacets?: Facets;
};

/** A dataset by its name alone. */
export type DatasetName = { readonly namespace: string; readonly name: string };

/** The schema that every run event keeps. */
export const runEventSchema = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";

const facetSchemas = {
  columnLineage: "1-2-0/ColumnLineageDatasetFacet",
  dataQualityAssertions: "1-1-0/DataQualityAssertionsDatasetFacet",
  errorMessage: "1-0-1/ErrorMessageRunFacet",
  nominalTime: "1-0-1/NominalTimeRunFacet",
  outputStatistics: "1-0-2/OutputStatisticsOutputDatasetFacet",
  parent: "1-2-0/ParentRunFacet",
  schema: "1-2-0/SchemaDatasetFacet",
  sql: "1-1-0/SQLJobFacet",
} as const;

/** A standard facet of that name with its content, as the one entry of a record. */
export function facet<Name extends keyof typeof facetSchemas>(
  producer: string,
  name: Name,
  content: Readonly<Record<string, unknown>>,
): Readonly<Record<Name, Facet>> {
  const [version, type] = facetSchemas[name].split("/");
  const _schemaURL = `https://openlineage.io/spec/facets/${version}/${type}.json#/$defs/${type}`;
  return { [name]: { _producer: producer, _schemaURL, ...content } } as Readonly<Record<Name, Facet>>;
}

/** A facet of our own: it keeps no more than the schema that all facets of runs keep. */
export function ownRunFacet(producer: string, content: Readonly<Record<string, unknown>>): Facet {
  return { _producer: producer, _schemaURL: "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunFacet", ...content };
}
