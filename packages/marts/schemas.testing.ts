import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";

const folder = new URL("../../../shared/dbt-schemas/", import.meta.url);

/** Whether copies of dbt's and OpenLineage's own JSON Schemas are at hand. */
export const hasSchemas = existsSync(folder);

/** What a group of tests that needs them adds to its name. */
export const onlyWithSchemas = hasSchemas ? "" : " (skipped where ../shared/dbt-schemas is not there)";

/** What dbt's schema, by the name of its file, has against an artifact: places and sentences; none when it is valid. */
export function complaintsOfDbt(file: string, artifact: unknown): string[] {
  return complaints(
    validator(`dbt ${file}`, () => ajv().compile(read(new URL(file, folder)))),
    artifact,
  );
}

/** What the schema of that address (`_schemaURL`, `schemaURL`) has against an event of OpenLineage, or a facet. */
export function complaintsOfOpenLineage(address: string, value: unknown): string[] {
  const validate = openLineage().getSchema(address);
  return validate === undefined ? [`there is no schema ${address}`] : complaints(validate as ValidateFunction, value);
}

const validators = new Map<string, ValidateFunction>();

function validator(name: string, make: () => ValidateFunction): ValidateFunction {
  const known = validators.get(name) ?? make();
  validators.set(name, known);
  return known;
}

let loaded: Ajv2020 | undefined;

function openLineage(): Ajv2020 {
  if (loaded === undefined) {
    loaded = ajv();
    const schemas = new URL("openlineage/", folder);
    for (const file of readdirSync(schemas)) loaded.addSchema(read(new URL(file, schemas)));
  }
  return loaded;
}

function ajv(): Ajv2020 {
  const made = new Ajv2020({ strict: false });
  formats.default(made);
  return made;
}

function read(file: URL): object {
  return JSON.parse(readFileSync(file, "utf8")) as object;
}

function complaints(validate: ValidateFunction, value: unknown): string[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
