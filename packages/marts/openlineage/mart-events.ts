import type { MartEnd, MartWork } from "../listener.ts";
import { assertions, datasetFacets } from "./dataset-facets.ts";
import type { Datasets } from "./datasets.ts";
import type { DescribedMart } from "./describe-marts.ts";
import { type Dataset, type Facets, facet, ownRunFacet, type RunEvent, runEventSchema } from "./run-event.ts";

/** In whose name events are: who makes them, the namespace of the jobs, and how relations are called. */
export type Identity = { readonly producer: string; readonly namespace: string; readonly datasets: Datasets };

/** A run: its id, its job, the run that it is part of, and the instant that it was planned for. */
export type Run = {
  readonly id: string;
  readonly job: string;
  readonly parent?: { readonly id: string; readonly job: string } | undefined;
  readonly nominalTime?: Date | undefined;
};

/** The job of work on a mart, `schema.name`: what builds and what refreshes it write the same rows of the same SELECT; a test only reads. */
export function jobOf(mart: string, work: MartWork): string {
  return work === "test" ? `${mart}.test` : mart;
}

/** A run begins. `mart` is missing where the run is that of several. */
export function startEvent(identity: Identity, run: Run, at: Date, mart?: DescribedMart, work?: MartWork): RunEvent {
  const names = mart === undefined ? { inputs: [], outputs: [] } : datasetNames(identity, mart, work ?? "refresh");
  return { ...envelope(identity, run, at, mart), eventType: "START", ...names };
}

/** A run of a mart ended: with what it reads and wrote, the columns and what they are made of, what tests said, what went wrong. */
export function endEvent(identity: Identity, run: Run, at: Date, mart: DescribedMart, work: MartWork, end: MartEnd): RunEvent {
  const { producer } = identity;
  const { run: started, ...rest } = envelope(identity, run, at, mart);
  const ownFacet = ownRunFacet(producer, { work, reason: end.reason, duration_ms: end.duration_ms });
  return {
    ...rest,
    eventType: eventTypes[end.outcome],
    run: { ...started, facets: { ...started.facets, jukebase_run: ownFacet, ...errorFacet(producer, end.error) } },
    ...(work === "test" ? testedDatasets(identity, mart, end) : writtenDatasets(identity, mart, end)),
  };
}

/** A run of several marts ended. */
export function endOfAll(identity: Identity, run: Run, at: Date, error: string | undefined): RunEvent {
  const { run: started, ...rest } = envelope(identity, run, at, undefined);
  return {
    ...rest,
    eventType: error === undefined ? "COMPLETE" : "FAIL",
    run: { ...started, facets: { ...started.facets, ...errorFacet(identity.producer, error) } },
    inputs: [],
    outputs: [],
  };
}

const eventTypes = { done: "COMPLETE", failed: "FAIL", aborted: "ABORT" } as const;

function envelope({ producer, namespace }: Identity, { id, job, parent, nominalTime }: Run, at: Date, mart?: DescribedMart) {
  const nominal =
    nominalTime === undefined ? {} : facet(producer, "nominalTime", { nominalStartTime: nominalTime.toISOString() });
  const within =
    parent === undefined ? {} : facet(producer, "parent", { run: { runId: parent.id }, job: { namespace, name: parent.job } });
  const sql = mart === undefined ? {} : facet(producer, "sql", { query: mart.sql, dialect: "postgres" });
  return {
    eventTime: at.toISOString(),
    producer,
    schemaURL: runEventSchema,
    run: { runId: id, facets: { ...nominal, ...within } as Facets },
    job: { namespace, name: job, facets: sql as Facets },
  };
}

function datasetNames(
  { datasets }: Identity,
  { schema, name, reads }: DescribedMart,
  work: MartWork,
): Pick<RunEvent, "inputs" | "outputs"> {
  const own = datasets.dataset(`${schema}.${name}`);
  return work === "test" ? { inputs: [own], outputs: [] } : { inputs: reads.map(datasets.dataset), outputs: [own] };
}

function writtenDatasets(identity: Identity, mart: DescribedMart, end: MartEnd): Pick<RunEvent, "inputs" | "outputs"> {
  const { inputs, outputs } = datasetNames(identity, mart, "refresh");
  const written = end.rowsChanged ?? end.rows;
  const statistics =
    written === null ? {} : { outputFacets: facet(identity.producer, "outputStatistics", { rowCount: written }) };
  return { inputs, outputs: outputs.map((output): Dataset => ({ ...output, facets: factsOf(identity, mart), ...statistics })) };
}

function testedDatasets(identity: Identity, mart: DescribedMart, { tests = [] }: MartEnd): Pick<RunEvent, "inputs" | "outputs"> {
  const { inputs } = datasetNames(identity, mart, "test");
  const inputFacets = assertions(identity.producer, tests);
  return { inputs: inputs.map((input): Dataset => ({ ...input, facets: factsOf(identity, mart), inputFacets })), outputs: [] };
}

function factsOf({ producer, datasets }: Identity, mart: DescribedMart): Facets {
  return datasetFacets(producer, datasets, mart);
}

function errorFacet(producer: string, error: string | undefined): Facets {
  return error === undefined ? {} : facet(producer, "errorMessage", { message: error, programmingLanguage: "SQL" });
}
