import { seedFiles } from "@jukebase/db";
import { type Project, readProject } from "@jukebase/marts/artifacts/project.ts";
import { type Domain, pgExecutor } from "@jukebase/platform";
import { exposuresOf } from "./exposures.ts";
import type { Jukebase } from "./open.ts";

/** What is said of the installation that it does not know: its version, and where people reach its console. */
export type InstallationSays = { readonly version: string; readonly console?: string | undefined };

/** The installation as dbt's artifacts tell it: every domain's marts, seeds and checks, the console's pages, and how all of it stands. */
export async function installationProject(
  { database, domains, marts, schemas }: Pick<Jukebase, "database" | "domains" | "marts" | "schemas">,
  { version, console }: InstallationSays,
): Promise<Project> {
  return readProject(pgExecutor(database.pg), {
    name: "jukebase",
    version,
    root: new URL("../../", import.meta.url),
    marts,
    checks: domains.flatMap(({ checks }) => checks),
    seeds: await describedSeeds(domains),
    exposures: exposuresOf(domains, console),
    schemas,
    sourceFiles: schemaFiles(domains),
    overview: overviewText(domains),
  });
}

async function describedSeeds(domains: readonly Domain[]) {
  const files = new Map((await seedFiles()).map(({ name, text }) => [name, text]));
  return domains.flatMap(({ seeds = [] }) => seeds.map((seed) => ({ seed, text: files.get(seed.name) ?? "" })));
}

function schemaFiles(domains: readonly Domain[]): Readonly<Record<string, string>> {
  const files = domains.flatMap(({ name, projections }) =>
    projections.map(({ schema }) => [schema, `packages/${name}/schema.sql`]),
  );
  return Object.fromEntries(files) as Readonly<Record<string, string>>;
}

function overviewText(domains: readonly Domain[]): string {
  const lines = domains.map(({ title, marts, reports }) => {
    const names = reports.map((report) => report.title.toLowerCase());
    return `- **${title}**: ${marts.length} marts${names.length === 0 ? "" : `; reports: ${names.join(", ")}`}.`;
  });
  return [
    "# Jukebase",
    "Revenue data in one Postgres: events in, exact numbers out. What stands here is written from the marts as they are.",
    lines.join("\n"),
    "Each mart is a view in schema `marts`, with a stable name and described columns, exact at the position that it records. Sources are the tables that projections write from the event log; exposures are pages of the console and what stands outside.",
  ].join("\n\n");
}
