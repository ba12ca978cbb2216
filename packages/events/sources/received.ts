/** An event as it came, before anything is judged: whatever stood under the names of an envelope. */
export type RawEnvelope = {
  type?: unknown;
  id?: unknown;
  source?: unknown;
  version?: unknown;
  time?: unknown;
  amends?: unknown;
  retracts?: unknown;
  data?: unknown;
};

/** Why bytes are no event: the place as a JSON path ("$" is the whole), the rule in words, a stable code. Holds no value. */
export type ReaderIssue = { path: string; rule: string; code: string };

/** What a reader made of one thing received. */
export type Outcome = { ok: true; envelope: RawEnvelope } | { ok: false; issues: ReaderIssue[] };

/**
 * One thing received, counted before anything is judged. `bytes` as received, without the line end (the first 64 KiB of what is
 * too long; a view on the input's chunk, which the input must not reuse), `line` 1-based, `end` the byte offset in the
 * decompressed input after it: where reading can resume.
 */
export type Received = { line: number; end: number; bytes: Uint8Array; outcome: Outcome };

/** A refusal with one issue. */
export const refused = (code: string, rule: string, path = "$"): { ok: false; issues: ReaderIssue[] } => ({
  ok: false,
  issues: [{ path, code, rule }],
});
