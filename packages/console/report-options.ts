import { Invalid } from "@jukebase/platform/errors.ts";
import type { Report } from "@jukebase/platform/report.ts";
import { z } from "zod";
import { type Choice, selectField, textField } from "./form.ts";
import { heading } from "./format.ts";
import type { Html } from "./html.ts";

/** The report's own options out of a query, converted from text and parsed by its schema; Invalid says which one and why. */
export function parseOptions(report: Report, query: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const shapes = optionShapes(report);
  const given = Object.keys(shapes).flatMap((name) =>
    isBlank(query[name]) ? [] : [[name, converted(shapes[name], query[name])] as const],
  );
  const result = report.options.safeParse(Object.fromEntries(given));
  if (!result.success)
    throw new Invalid(result.error.issues.map(({ path, message }) => `${path.join(".") || report.name}: ${message}`).join("; "));
  return result.data;
}

/** What the options are when none is given; empty where the schema demands one. */
export function optionDefaults(report: Report): Readonly<Record<string, unknown>> {
  const result = report.options.safeParse({});
  return result.success ? result.data : {};
}

/** One field per option, filled with its present value, its description as hint. */
export function optionFields(report: Report, options: Readonly<Record<string, unknown>>): readonly Html[] {
  const defaults = optionDefaults(report);
  return Object.entries(optionShapes(report)).map(([name, shape]) => optionField(name, shape, options[name], defaults[name]));
}

/** The part of JSON Schema that options use. */
type OptionShape = { readonly type?: string; readonly enum?: readonly (string | number)[]; readonly description?: string };

function optionShapes({ options }: Report): Readonly<Record<string, OptionShape>> {
  const schema = z.toJSONSchema(options, { io: "input", unrepresentable: "any" });
  return (schema.properties ?? {}) as Readonly<Record<string, OptionShape>>;
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "string" && value.trim() === "");
}

/** Text of the shape's type becomes that type; what does not fit stays as it is, for the schema to refuse in its words. */
function converted(shape: OptionShape | undefined, value: unknown): unknown {
  if (typeof value !== "string") return value;
  const text = value.trim();
  if (shape?.type === "boolean")
    return { true: true, yes: true, "1": true, false: false, no: false, "0": false }[text.toLowerCase()] ?? text;
  if ((shape?.type === "integer" || shape?.type === "number") && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return text;
}

function optionField(name: string, shape: OptionShape, value: unknown, usual: unknown): Html {
  const props = {
    name,
    label: heading(name),
    hint: shape.description,
    value: value === undefined || value === null ? "" : String(value),
  };
  const choices = choicesOf(shape);
  if (choices)
    return selectField({ ...props, choices: usual === undefined ? [{ value: "", label: "Any" }, ...choices] : choices });
  return textField({ ...props, type: shape.type === "integer" || shape.type === "number" ? "number" : "text" });
}

function choicesOf(shape: OptionShape): readonly Choice[] | undefined {
  if (shape.type === "boolean")
    return [
      { value: "true", label: "Yes" },
      { value: "false", label: "No" },
    ];
  return shape.enum?.map((value) => ({ value: String(value), label: heading(String(value)) }));
}
