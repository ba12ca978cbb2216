import { createHash } from "node:crypto";
import { parseExact, type RawEnvelope, type Received } from "@jukebase/events";
import { isJson, notJson } from "./cloud-headers.ts";

type Attributes = Readonly<Record<string, unknown>>;

/**
 * A CloudEvent (1.0) as an envelope of one of our sources. CloudEvents are known by source and id together, so the id in the log is
 * both, unless the event's source is the very name of ours; what else it says is kept like any unknown member of an envelope.
 */
export function fromCloudEvent(received: Received, source: string): Received {
  if (!received.outcome.ok) return received;
  const said = received.outcome.envelope as Attributes;
  const issues = [...issuesOf(said)];
  const data = dataOf(said);
  if ("rule" in data) issues.push({ path: "$.data_base64", ...data });
  const { line, end, bytes } = received;
  if (issues.length > 0) return { line, end, bytes, outcome: { ok: false, issues } };
  return { line, end, bytes, outcome: { ok: true, envelope: envelopeOf(said, data, source) } };
}

/** The id under which a CloudEvent is logged. Longer ones than the log takes are known by their hash. */
export function cloudId(ceSource: string, id: string, source: string): string {
  if (ceSource === source) return id;
  const both = `${ceSource} ${id}`;
  return both.length <= id_max ? both : `ce_${createHash("sha256").update(both).digest("base64url")}`;
}

const id_max = 200;

function* issuesOf(said: Attributes): Generator<{ path: string; code: string; rule: string }> {
  if (said.specversion !== "1.0")
    yield { path: "$.specversion", code: "specversion", rule: 'CloudEvents are taken in version "1.0", as a text.' };
  for (const name of ["id", "source", "type"]) {
    if (typeof said[name] !== "string" || said[name] === "")
      yield { path: `$.${name}`, code: `no-${name}`, rule: `A CloudEvent says its ${name}: a text that is not empty.` };
  }
  if (said.data !== undefined && said.data_base64 !== undefined)
    yield { path: "$.data_base64", code: "data-twice", rule: "A CloudEvent has data or data_base64, not both." };
  if (typeof said.datacontenttype === "string" && !isJson(said.datacontenttype))
    yield { path: "$.datacontenttype", code: "data-not-json", rule: notJson(said.datacontenttype) };
}

function dataOf({
  data,
  data_base64,
}: Attributes): { readonly value: unknown } | { readonly code: string; readonly rule: string } {
  if (data_base64 === undefined) return { value: data };
  const code = "data-not-json";
  if (typeof data_base64 !== "string") return { code, rule: "data_base64 is a text." };
  const parsed = parseExact(Buffer.from(data_base64, "base64").toString());
  return parsed.ok ? { value: parsed.value } : { code, rule: `What data_base64 holds is not JSON: ${parsed.issue.rule}` };
}

const named = ["id", "type", "time", "data", "data_base64", "source", "dataversion", "amends", "retracts", "version"];

function envelopeOf(said: Attributes, data: object, source: string): RawEnvelope {
  const ceSource = said.source as string;
  const strangers = Object.fromEntries(Object.entries(said).filter(([name]) => !named.includes(name)));
  const version = versionOf(said);
  const value = "value" in data ? data.value : undefined;
  const idIn = (name: "amends" | "retracts"): RawEnvelope =>
    said[name] === undefined
      ? {}
      : { [name]: typeof said[name] === "string" ? cloudId(ceSource, said[name], source) : said[name] };
  return {
    type: said.type,
    id: cloudId(ceSource, said.id as string, source),
    ...(said.time === undefined ? {} : { time: said.time }),
    ...(version === undefined ? {} : { version }),
    ...(value === undefined ? {} : { data: value }),
    ...idIn("amends"),
    ...idIn("retracts"),
    ...strangers,
    ...{ ce_source: ceSource },
  };
}

// The extension dataversion says it outright; a dataschema may end with it: ….v2.json, …?version=2. Others are kept and say nothing.
function versionOf({ dataversion, version, dataschema }: Attributes): unknown {
  const outright = dataversion ?? version;
  if (outright !== undefined) return typeof outright === "string" && /^\d{1,4}$/.test(outright) ? Number(outright) : outright;
  const [, inPath, inQuery] = /(?:\.v(\d{1,4})(?:\.json)?|[?&]version=(\d{1,4}))$/.exec(String(dataschema ?? "")) ?? [];
  const found = inPath ?? inQuery;
  return found === undefined ? undefined : Number(found);
}
