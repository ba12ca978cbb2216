import type { EventContract, Reference } from "@jukebase/platform/contract.ts";
import { z } from "zod";
import { jsonPath } from "./shape.ts";

/** One field of one version, as documentation shows it. `column` is undefined where the newest version has no such field, and for the moment of the event. */
export type FieldDescription = {
  readonly path: string;
  readonly required: boolean;
  readonly rule: string;
  readonly pii: boolean;
  readonly column: string | undefined;
};

/** A contract as `jukebase contracts show` prints it. */
export type ContractDescription = {
  readonly type: string;
  readonly description: string;
  readonly naturalKey: string;
  readonly needs: readonly Reference[];
  readonly refers: readonly Reference[];
  readonly versions: readonly {
    readonly version: number;
    /** MODEL-REVISION-ADDITION. */
    readonly schemaver: string;
    readonly fields: readonly FieldDescription[];
  }[];
};

/** Describes a contract in all its versions, oldest first. */
export const describeContract = (contract: EventContract): ContractDescription => {
  const { type, description, naturalKey, needs, refers, versions } = contract;
  const columns = new Map(contract.columns.map(({ path, name }) => [jsonPath(path), name]));
  const fieldsOf = (version: number) => contract.rules(version).map((rule) => ({ ...rule, column: columns.get(rule.path) }));
  return {
    type,
    description,
    naturalKey,
    needs,
    refers,
    versions: versions.map((version) => ({ version, schemaver: contract.details(version).schemaver, fields: fieldsOf(version) })),
  };
};

/** A contract as a page of markdown: who reads it (a text, where it is known), and a table of fields for each version, newest first. */
export const contractMarkdown = (contract: EventContract, consumers?: string): string => {
  const { type, description, needs, refers, versions } = describeContract(contract);
  const parents = [...needs.map(({ kind }) => `waits for its ${kind}`), ...refers.map(({ kind }) => `may precede its ${kind}`)];
  const tables = [...versions]
    .reverse()
    .map(({ version, schemaver, fields }) => `### Version ${version} (${schemaver})\n\n${fieldTable(fields)}`);
  return [
    `## ${type}`,
    description,
    ...(parents.length === 0 ? [] : [`Parents: ${parents.join(", ")}.`]),
    ...(consumers === undefined ? [] : [`Read by: ${consumers}.`]),
    ...tables,
  ].join("\n\n");
};

/** JSON Schema (draft 2020-12) of a version's body as a sender may write it; the newest version unless told. */
export const jsonSchema = (contract: EventContract, version?: number): Record<string, unknown> => ({
  ...z.toJSONSchema(contract.schema(version), { io: "input" }),
  title: `${contract.type} version ${version ?? contract.version}`,
});

const fieldTable = (fields: readonly FieldDescription[]): string =>
  ["| field | required | rule | PII | view column |", "|---|---|---|---|---|", ...fields.map(fieldRow)].join("\n");

const fieldRow = ({ path, required, rule, pii, column }: FieldDescription): string =>
  `| \`${path}\` | ${required ? "yes" : "no"} | ${rule.replaceAll("|", "\\|")} | ${pii ? "yes" : ""} | ${column === undefined ? "" : `\`${column}\``} |`;
