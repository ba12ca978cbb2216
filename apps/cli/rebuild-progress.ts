import type { RebuildProgress } from "@jukebase/domains/rebuild/tell.ts";
import type { Terminal } from "./terminal.ts";

/** Shows how far a rebuild is, how fast, and how long the reading still takes. */
export function rebuildProgress(terminal: Terminal): (progress: RebuildProgress) => void {
  const started_ms = performance.now();
  return ({ phase, events, done }) => {
    const per = Object.entries(done).map(([projection, read]) => `${projection} ${percent(read, events)}`);
    const read = Math.max(0, ...Object.values(done));
    const elapsed_ms = Math.max(1, performance.now() - started_ms);
    const rate = Math.round((read * 1000) / elapsed_ms);
    const left_s = Math.ceil(((events - read) / Math.max(1, read)) * (elapsed_ms / 1000));
    const pace = read > 0 && read < events ? `, ${rate}/s, about ${left_s} s to read` : "";
    terminal.progress(`Rebuilding, ${phase}: ${per.join(", ")}${pace}`);
  };
}

/** Bytes as people say them. */
export function sizeInWords(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1000)} kB`;
  if (bytes < 1_000_000_000) return `${Math.ceil(bytes / 1_000_000)} MB`;
  return `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}

function percent(part: number, whole: number): string {
  return `${whole === 0 ? 100 : Math.min(100, Math.floor((part * 100) / whole))} %`;
}
