import type { Jukebase } from "@jukebase/domains/open.ts";
import { jsonSchema, modesFor, modesNow, readVersion } from "@jukebase/events";
import { Invalid, NotFound } from "@jukebase/platform";
import type { RequestHandler } from "express";

/** `GET /v1/contracts`: every event type, and what becomes of that which its contract does not foresee. */
export function listContracts(jukebase: Jukebase): RequestHandler {
  const contracts = [...jukebase.contracts.values()].map(({ type, description, version, versions, needs, details }) => ({
    type,
    description,
    version,
    versions: [...versions],
    schemavers: versions.map((each) => details(each).schemaver),
    needs: needs.map(({ kind }) => kind),
  }));
  return async (_request, response) => {
    const book = await modesNow(jukebase);
    response.json({ contracts: contracts.map((contract) => ({ ...contract, modes: modesFor(book, contract.type) })) });
  };
}

/** `GET /v1/contracts/{type}`: JSON Schema of a body, of the newest version or the one that `version` names. */
export function showContract(jukebase: Jukebase): RequestHandler<{ type: string }> {
  return ({ params: { type }, query: { version } }, response) => {
    const contract = jukebase.contracts.get(type);
    if (contract === undefined)
      throw new NotFound(`There is no contract "${type}". Known: ${[...jukebase.contracts.keys()].join(", ")}.`);
    const wanted = version === undefined ? undefined : readVersion(contract, String(version));
    if (version !== undefined && wanted === undefined)
      throw new Invalid(
        `${type} has the versions ${contract.versions.map((each) => contract.details(each).schemaver).join(", ")}.`,
      );
    response.type("application/schema+json").send(JSON.stringify(jsonSchema(contract, wanted)));
  };
}
