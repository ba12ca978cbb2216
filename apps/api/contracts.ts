import type { Jukebase } from "@jukebase/domains/open.ts";
import { jsonSchema } from "@jukebase/events";
import { Invalid, NotFound } from "@jukebase/platform";
import type { RequestHandler } from "express";

/** `GET /v1/contracts`: every event type. */
export function listContracts(jukebase: Jukebase): RequestHandler {
  const contracts = [...jukebase.contracts.values()].map(({ type, description, version, versions, needs }) => ({
    type,
    description,
    version,
    versions: [...versions],
    needs: needs.map(({ kind }) => kind),
  }));
  return (_request, response) => {
    response.json({ contracts });
  };
}

/** `GET /v1/contracts/{type}`: JSON Schema of a body, of the newest version or the one that `version` names. */
export function showContract(jukebase: Jukebase): RequestHandler<{ type: string }> {
  return ({ params: { type }, query: { version } }, response) => {
    const contract = jukebase.contracts.get(type);
    if (contract === undefined)
      throw new NotFound(`There is no contract "${type}". Known: ${[...jukebase.contracts.keys()].join(", ")}.`);
    const wanted = version === undefined ? undefined : Number(version);
    if (wanted !== undefined && !contract.versions.includes(wanted))
      throw new Invalid(`${type} has the versions ${contract.versions.join(", ")}.`);
    response.type("application/schema+json").send(JSON.stringify(jsonSchema(contract, wanted)));
  };
}
