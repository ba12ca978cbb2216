import type { ContractIssue } from "@jukebase/platform";
import { pathText, type Step } from "../sources/places.ts";
import type { Instruction, Place, Program } from "./program.ts";
import { numberText } from "./verbatim.ts";

/** An event after a program, or the first instruction that cannot be carried out on it. */
export type Applied = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly issue: ContractIssue };

const longest = 65_536;
const longestCopy = 4096;

/**
 * Carries a program out on one event as `parseVerbatim` gives it. What no instruction names is the very same value afterwards; `value`
 * itself is left as it is. An instruction whose place is not there (rename, copy, remove, replace) has nothing to do. Never throws.
 */
export function applyProgram(program: Program, value: unknown): Applied {
  let whole = value;
  for (const instruction of program) {
    const applied = carryOut(instruction, whole);
    if (!applied.ok) return applied;
    whole = applied.value;
  }
  return { ok: true, value: whole };
}

function carryOut(instruction: Instruction, whole: unknown): Applied {
  if (instruction.does === "set") {
    if (instruction.onlyIfMissing && found(whole, instruction.at) !== undefined) return { ok: true, value: whole };
    return put(whole, instruction.at, instruction.value);
  }
  if (instruction.does === "remove") return { ok: true, value: without(whole, instruction.at) };
  if (instruction.does === "replace") return replace(instruction, whole);
  return move(instruction, whole);
}

function replace({ at, old, by }: Extract<Instruction, { does: "replace" }>, whole: unknown): Applied {
  const value = found(whole, at)?.value;
  const text = typeof value === "string" ? value : numberText(value);
  if (text === undefined || !text.includes(old)) return { ok: true, value: whole };
  const pieces = text.split(old);
  const length = text.length + (pieces.length - 1) * (by.length - old.length);
  if (length > longest) return refused(at, "too-long", `The text would be longer than ${longest} characters.`);
  return put(whole, at, pieces.join(by));
}

function move({ does, from, to, onlyIfMissing }: Extract<Instruction, { does: "rename" | "copy" }>, whole: unknown): Applied {
  const source = found(whole, from);
  if (source === undefined || JSON.stringify(from) === JSON.stringify(to)) return { ok: true, value: whole };
  if (found(whole, to) !== undefined) {
    if (onlyIfMissing) return { ok: true, value: whole };
    return refused(to, "place-taken", "Something stands here already: remove it first, or add `if missing`.");
  }
  // Copies of copies would double with each instruction.
  if (does === "copy" && JSON.stringify(source.value).length > longestCopy)
    return refused(from, "too-long", `What is to be copied is longer than ${longestCopy} characters.`);
  return put(does === "rename" ? without(whole, from) : whole, to, source.value);
}

/** What stands at a place, in an envelope of its own, since a place may hold null; undefined when nothing does. */
function found(whole: unknown, place: Place): { readonly value: unknown } | undefined {
  let value = whole;
  for (const step of place) {
    if (!has(value, step)) return undefined;
    value = (value as Record<Step, unknown>)[step];
  }
  return { value };
}

function has(value: unknown, step: Step): boolean {
  if (Array.isArray(value)) return typeof step === "number" && step < value.length;
  return isObject(value) && Object.hasOwn(value, String(step));
}

// Objects that are not there yet are made on the way; a list gets no new elements.
function put(whole: unknown, place: Place, value: unknown, depth = 0): Applied {
  const step = place[depth];
  if (step === undefined) return { ok: true, value };
  if (!(isObject(whole) || (Array.isArray(whole) && has(whole, step)))) {
    return refused(
      place.slice(0, depth + 1),
      "no-such-place",
      "This place is not there, and what stands above it can hold none.",
    );
  }
  const inner = put(has(whole, step) ? (whole as Record<Step, unknown>)[step] : {}, place, value, depth + 1);
  return inner.ok ? { ok: true, value: holding(whole, step, inner.value) } : inner;
}

function holding(whole: object, step: Step, value: unknown): unknown {
  if (Array.isArray(whole)) return whole.with(step as number, value);
  // A null prototype cannot be told apart by JSON, and no name on it means more than itself.
  return Object.assign(Object.create(null), whole, { [String(step)]: value });
}

function without(whole: unknown, place: Place, depth = 0): unknown {
  const step = place[depth];
  if (step === undefined || !has(whole, step)) return whole;
  const last = depth === place.length - 1;
  if (Array.isArray(whole)) {
    if (last) return whole.toSpliced(step as number, 1);
    return whole.with(step as number, without(whole[step as number], place, depth + 1));
  }
  const object = whole as Record<string, unknown>;
  const name = String(step);
  if (!last) return holding(object, name, without(object[name], place, depth + 1));
  return Object.assign(Object.create(null), Object.fromEntries(Object.entries(object).filter(([key]) => key !== name)));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && numberText(value) === undefined;
}

function refused(place: Place, code: string, rule: string): Applied {
  return { ok: false, issue: { path: pathText(place), code, rule } };
}
