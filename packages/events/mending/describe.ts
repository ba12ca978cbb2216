import { pathText } from "../sources/places.ts";
import type { Instruction, Program } from "./program.ts";

/** A program in words without its values, which may tell of people: for the audit log. */
export function describeProgram(program: Program): string {
  return program.map(line).join("; ");
}

function line(instruction: Instruction): string {
  const condition = "onlyIfMissing" in instruction && instruction.onlyIfMissing ? " if missing" : "";
  switch (instruction.does) {
    case "set":
      return `set ${pathText(instruction.at)} = …${condition}`;
    case "remove":
      return `remove ${pathText(instruction.at)}`;
    case "replace":
      return `replace ${pathText(instruction.at)} … with …`;
    default:
      return `${instruction.does} ${pathText(instruction.from)} to ${pathText(instruction.to)}${condition}`;
  }
}
