import { pino } from "pino";
import type { Config } from "./config.ts";

const known = [
  "request_id",
  "method",
  "route",
  "status",
  "duration_ms",
  "key_id",
  "source",
  "received",
  "queue",
  "job_id",
  "attempt",
  "projection",
  "batches",
  "events",
  "parked",
  "mart",
  "marts",
  "load_id",
  "url",
  "count",
  "audit_head",
  "error",
  "code",
] as const;

/** What a log line may tell besides its message; whatever else is passed is left out, so that no body or name slips in. */
export type LogFields = { readonly [name in (typeof known)[number]]?: string | number | boolean | undefined };

/** Where a process tells what it does. */
export type Log = { readonly [level in "debug" | "info" | "warn" | "error"]: (fields: LogFields, message: string) => void };

/** JSON lines on standard error, from the configured level up; `name` says which process speaks. */
export function makeLog({ logLevel }: Pick<Config, "logLevel">, name: string): Log {
  const out = pino(
    { level: logLevel, base: { name }, formatters: { level: (label) => ({ level: label }), log: allowed } },
    pino.destination({ dest: 2, sync: true }),
  );
  return {
    debug: (fields, message) => out.debug(fields, message),
    info: (fields, message) => out.info(fields, message),
    warn: (fields, message) => out.warn(fields, message),
    error: (fields, message) => out.error(fields, message),
  };
}

/** A failure as a log or a job may keep it: a database's word on data (SQLSTATE 22, 23) can quote values, so only its code is told. */
export function failureFields(failure: unknown): { readonly error: string; readonly code?: string } {
  const { code, message, name } = failure as { code?: unknown; message?: unknown; name?: unknown };
  const known = typeof code === "string" ? { code } : {};
  if (typeof code === "string" && /^2[23]/.test(code)) return { error: `The database refused data (${code}).`, ...known };
  const inner = failure instanceof AggregateError ? failure.errors.map((one) => failureFields(one).error).join("; ") : "";
  return { error: String(message || inner || name || failure).slice(0, 2000), ...known };
}

function allowed(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(known.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])));
}
