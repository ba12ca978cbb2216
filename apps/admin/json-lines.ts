import type { Line } from "@jukebase/console";
import { parseExact } from "@jukebase/events";
import { numberText, parseVerbatim } from "@jukebase/events/mending/verbatim.ts";
import { envelopeOf } from "@jukebase/events/quarantine-bytes.ts";
import type { ContractIssue } from "@jukebase/platform";

/**
 * An event's text laid out line by line, every number digit by digit as it stands, a bare body under its type. The place that each issue
 * names is marked with the rule; where it is missing, what should hold it. Text that is no event comes as it is.
 */
export function eventLines(text: string, type: string | null, issues: readonly ContractIssue[]): Line[] {
  const parsed = parseExact(text);
  const envelope = parsed.ok ? envelopeOf(parseVerbatim(text), type ?? undefined) : undefined;
  if (envelope === undefined)
    return text.split("\n").map((line, n) => ({ text: line, mark: n === 0 ? markOf(issues) : undefined }));
  const lines = laidOut(envelope, "$", 0, "", "");
  const marks = new Map<PlacedLine, ContractIssue[]>();
  for (const issue of issues) {
    const line = lineOf(lines, issue.path);
    if (line !== undefined) marks.set(line, [...(marks.get(line) ?? []), issue]);
  }
  return lines.map((line) => ({ text: line.text, mark: markOf(marks.get(line) ?? []) }));
}

type PlacedLine = { readonly text: string; readonly path: string };

function laidOut(value: unknown, path: string, depth: number, key: string, comma: string): PlacedLine[] {
  const indent = "  ".repeat(depth);
  const isBox = typeof value === "object" && value !== null && numberText(value) === undefined;
  const inner = isBox ? Object.entries(value) : [];
  if (!isBox || inner.length === 0) return [{ text: `${indent}${key}${JSON.stringify(value)}${comma}`, path }];
  const isList = Array.isArray(value);
  return [
    { text: `${indent}${key}${isList ? "[" : "{"}`, path },
    ...inner.flatMap(([name, one], n) =>
      laidOut(
        one,
        isList ? `${path}[${name}]` : `${path}.${name}`,
        depth + 1,
        isList ? "" : `${JSON.stringify(name)}: `,
        n === inner.length - 1 ? "" : ",",
      ),
    ),
    { text: `${indent}${isList ? "]" : "}"}${comma}`, path: "" },
  ];
}

const ofEnvelope = /^\$\.(type|id|source|version|time|amends|retracts)$/;

// Contracts name places of the body, the intake those of the envelope; what is not there is marked where it should be.
function lineOf(lines: readonly PlacedLine[], path: string): PlacedLine | undefined {
  const inBody = path.replace(/^\$/, "$.data");
  const places = ofEnvelope.test(path) ? [path, inBody] : [inBody, path];
  for (const place of places) {
    const found = lines.find((line) => line.path === place);
    if (found !== undefined) return found;
  }
  const holder = inBody.replace(/(\.[^.[\]]+|\[[^\]]*\])$/, "");
  return lines.find((line) => line.path === (ofEnvelope.test(path) ? "$" : holder)) ?? lines[0];
}

function markOf(issues: readonly ContractIssue[]): string | undefined {
  return issues.length === 0 ? undefined : issues.map(({ path, rule }) => `${path}: ${rule.split(" Expected: ")[0]}`).join(" ");
}
