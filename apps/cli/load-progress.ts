import { basename } from "node:path";
import type { Progress } from "@jukebase/events";
import type { Terminal } from "./terminal.ts";

/** Shows how far a load has come, and how fast; `size` in bytes, where it is known. */
export function loadProgress(terminal: Terminal, name: string, size: number | undefined): (progress: Progress) => void {
  const started_ms = performance.now();
  return ({ received, quarantined, read_to }) => {
    const rate = Math.round((received * 1000) / Math.max(1, performance.now() - started_ms));
    const part = size ? ` ${Math.min(100, Math.round((read_to * 100) / size))} %` : "";
    terminal.progress(`Loading ${basename(name)}:${part} ${received} events, ${quarantined} quarantined, ${rate}/s`);
  };
}
