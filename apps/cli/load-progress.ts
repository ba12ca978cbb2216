import { basename } from "node:path";
import type { Progress } from "@jukebase/events";
import type { Terminal } from "./terminal.ts";

/** Shows how far a load has come, how fast it goes and what is left; `size` in bytes, where it is known. */
export function loadProgress(terminal: Terminal, name: string, size: number | undefined): (progress: Progress) => void {
  const started_ms = performance.now();
  let start: Progress | undefined;
  return (progress) => {
    start ??= progress;
    const took_ms = Math.max(1, performance.now() - started_ms);
    const { received, quarantined, read_to } = progress;
    const rate = Math.round(((received - start.received || received) * 1000) / took_ms);
    const parts = [`${count(received)} events`, `${count(quarantined)} quarantined`, `${count(rate)}/s`];
    if (size === undefined) terminal.progress(`Loading ${basename(name)}: ${parts.join(", ")}`);
    else {
      const left_ms = (took_ms * (size - read_to)) / Math.max(1, read_to - (start === progress ? 0 : start.read_to));
      terminal.progress(`Loading ${basename(name)} ${bar(read_to / size)} ${[...parts, `${duration(left_ms)} left`].join(", ")}`);
    }
  };
}

const width = 20;

function bar(part: number): string {
  const done = Math.round(Math.min(1, part) * width);
  return `[${"█".repeat(done)}${"░".repeat(width - done)}] ${Math.floor(Math.min(1, part) * 100)} %`;
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

const numbers = new Intl.NumberFormat("en-GB");

function count(value: number): string {
  return numbers.format(value);
}
