import type { IncomingMessage } from "node:http";
import { parseExact, type Received } from "@jukebase/events";
import { Refusal } from "./refusal.ts";

const prefix = "ce-";

/** Whether a request is one CloudEvent in binary mode: its attributes stand in headers, its body is the data. */
export function isBinary({ headers }: IncomingMessage): boolean {
  return headers["ce-specversion"] !== undefined || headers["ce-id"] !== undefined;
}

/** That event as received: the same JSON that structured mode would have sent, with the data as it came. */
export function binaryEvent({ headers }: IncomingMessage, body: Buffer): Received {
  const attributes = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(prefix) && typeof value === "string" ? [[name.slice(prefix.length), attributeOf(name, value)] as const] : [],
  );
  const said = Object.fromEntries(attributes);
  if (Object.hasOwn(said, "data") || Object.hasOwn(said, "data_base64"))
    throw new Refusal("invalid", "In binary mode the data is the body: there is no header ce-data.");
  const type = headers["content-type"];
  const head = JSON.stringify({ ...said, ...(type === undefined ? {} : { datacontenttype: type }) });
  const text = body.length === 0 ? head : `${head.slice(0, -1)},"data":${body.toString()}}`;
  const whole = { line: 1, end: body.length, bytes: Buffer.from(text) };
  if (type !== undefined && !isJson(type)) return { ...whole, outcome: broken("data-not-json", notJson(type)) };
  const data = body.length === 0 ? undefined : parseExact(body.toString());
  if (data !== undefined && !data.ok) return { ...whole, outcome: { ok: false, issues: [data.issue] } };
  const parsed = parseExact(text);
  if (!parsed.ok) return { ...whole, outcome: { ok: false, issues: [parsed.issue] } };
  return { ...whole, outcome: { ok: true, envelope: parsed.value as object } };
}

/** Whether a media type is JSON. */
export function isJson(type: string): boolean {
  return /^[\w.+-]+\/([\w.-]+\+)?json\s*(;|$)/i.test(type.trim());
}

/** What is said where the data is of another kind. */
export function notJson(type: string): string {
  return `The data is ${type.slice(0, 100)}: an event's data is a JSON object, so send datacontenttype application/json.`;
}

// The HTTP binding, 3.1.3.2: quotes and backslashes of a quoted value first, then one round of percent-decoding.
function attributeOf(name: string, value: string): string {
  const bare = /^".*"$/s.test(value) ? value.slice(1, -1).replaceAll(/\\(.)/gs, "$1") : value;
  try {
    return decodeURIComponent(bare);
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    throw new Refusal("invalid", `The header ${name} is not percent-encoded UTF-8, as CloudEvents over HTTP asks for.`);
  }
}

function broken(code: string, rule: string): { ok: false; issues: { path: string; code: string; rule: string }[] } {
  return { ok: false, issues: [{ path: "$.datacontenttype", code, rule }] };
}
