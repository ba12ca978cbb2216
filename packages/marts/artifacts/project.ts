import type { Check, Exposure, Seed } from "@jukebase/platform/domain.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { leadingComment, parseSelect } from "../mart-select.ts";
import type { Schemas } from "../plan.ts";
import { type ProjectTest, projectTests } from "./declared-tests.ts";
import { type ProjectionProgress, projectionProgress } from "./progress.ts";
import { type RecordedTest, recordedTests } from "./recorded-tests.ts";
import { databaseName, type Relation, relationsIn } from "./relations.ts";
import { type SourceText, sourceText } from "./source-text.ts";
import { type StandingMart, standingMarts } from "./standing.ts";
import { type UnitTest, unitTestsBeside } from "./unit-tests.ts";

/** Reference data with its CSV text. */
export type GivenSeed = { readonly seed: Seed; readonly text: string };

/** What an installation says of itself: all that artifacts tell and no database knows. */
export type ProjectGiven = {
  /** The project's name, in lower case with underscores: it stands in every id. */
  readonly name: string;
  readonly version: string;
  /** The folder from which paths are told. */
  readonly root: URL;
  readonly marts: readonly Mart[];
  readonly checks: readonly Check[];
  readonly seeds: readonly GivenSeed[];
  readonly exposures: readonly Exposure[];
  /** Which projection writes which schema. */
  readonly schemas: Schemas;
  /** Schema → the file, from the project's folder, in which its tables can be read. */
  readonly sourceFiles: Readonly<Record<string, string>>;
  /** Markdown, shown first. */
  readonly overview: string;
};

/** A mart with its SELECT and how it stands in the database; `standing` is undefined until it is built. */
export type ProjectMart = {
  readonly mart: Mart;
  readonly source: SourceText;
  /** The comment that opens the file. */
  readonly rule: string;
  readonly standing: StandingMart | undefined;
  readonly unitTests: readonly UnitTest[];
};

/** A check with its SELECT and the relations, `schema.name`, that it reads. */
export type ProjectCheck = { readonly check: Check; readonly source: SourceText; readonly reads: readonly string[] };

/** All that artifacts are made of. Equal projects give equal artifacts. */
export type Project = Omit<ProjectGiven, "root" | "marts" | "checks"> & {
  readonly database: string;
  readonly marts: readonly ProjectMart[];
  readonly tests: readonly ProjectTest[];
  readonly checks: readonly ProjectCheck[];
  /** The last run of each test and check that was ever run. */
  readonly recorded: readonly RecordedTest[];
  /** Every relation of the schemas that marts are in or read. */
  readonly relations: readonly Relation[];
  readonly progress: readonly ProjectionProgress[];
};

/** Reads what is needed from files and database. Throws Invalid with file and line when a check is not SQL. */
export async function readProject(db: Executor, given: ProjectGiven): Promise<Project> {
  const { root, marts, checks, ...told } = given;
  const standing = new Map((await standingMarts(db)).map((mart) => [mart.name, mart]));
  return {
    ...told,
    database: await databaseName(db),
    marts: await Promise.all(marts.map((mart) => projectMart(mart, root, standing.get(mart.name)))),
    tests: projectTests(
      marts,
      given.seeds.map(({ seed }) => seed),
    ),
    checks: await Promise.all(checks.map((check) => projectCheck(check, root))),
    recorded: await recordedTests(db, { marts, checks, seeds: given.seeds.map(({ seed }) => seed) }),
    relations: await relationsIn(db, schemasOf(given)),
    progress: await projectionProgress(db),
  };
}

async function projectMart(mart: Mart, root: URL, standing: StandingMart | undefined): Promise<ProjectMart> {
  const source = await sourceText(mart.file, root);
  return { mart, source, rule: leadingComment(source.text), standing, unitTests: await unitTestsBeside(mart, root) };
}

async function projectCheck(check: Check, root: URL): Promise<ProjectCheck> {
  const source = await sourceText(check.file, root);
  const { readings } = await parseSelect(source.text, source.path);
  return { check, source, reads: [...new Set(readings.map(({ schema, relation }) => `${schema}.${relation}`))].sort() };
}

function schemasOf({ marts, schemas, seeds }: ProjectGiven): string[] {
  const read = marts.flatMap(({ reads }) => Object.keys(reads)).map((relation) => relation.split(".")[0] ?? "");
  return [...new Set(["marts", ...(seeds.length > 0 ? ["seeds"] : []), ...Object.keys(schemas), ...read])];
}
