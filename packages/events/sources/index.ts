export { type Parsed, parseExact } from "./exact.ts";
export { type Mapping, mappedFormat, parseMapping } from "./mapping.ts";
export { type OpenedSource, openSource, type SourceOptions } from "./open.ts";
export { type Format, type ReadOptions, readReceived } from "./read.ts";
export type { Outcome, RawEnvelope, ReaderIssue, Received } from "./received.ts";
