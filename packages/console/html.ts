import { type Hole, holesOf } from "./html-context.ts";

/**
 * Markup that may be sent as it is. Only the `html` tag, `attributes` and `Html.trusted` make one, so a string
 * can never pass for it: TypeScript refuses it by the private member, and at run time it is escaped.
 */
export class Html {
  readonly #markup: string;

  private constructor(markup: string) {
    this.#markup = markup;
  }

  /** Takes markup as it is, unescaped. For constants of this code and for the output of a renderer that escapes; never for data. */
  static trusted(markup: string): Html {
    return new Html(markup);
  }

  toString(): string {
    return this.#markup;
  }
}

/** What may stand in a hole of `html`: nothing, text (escaped), a number, markup, or a list of these. */
export type HtmlValue = Html | string | number | bigint | false | null | undefined | readonly HtmlValue[];

/**
 * The tag of every template: html`<p>${text}</p>`. Text is escaped; null, undefined and false are empty; lists are joined.
 * In a quoted attribute only text and numbers may stand; inside a tag only `attributes(…)`; inside <script> or <style> nothing:
 * anything else throws a TypeError. A link whose scheme would run a script becomes "#".
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const holes = holesOf(strings);
  const parts = [strings[0] ?? ""];
  for (const [i, value] of values.entries()) {
    parts.push(fill(holes[i] ?? { kind: "raw", url: false }, value), strings[i + 1] ?? "");
  }
  return Html.trusted(parts.join(""));
}

/** Attributes of one tag: true gives the bare name, null, undefined and false leave it out, the rest is quoted and escaped. */
export function attributes(named: Readonly<Record<string, string | number | boolean | null | undefined>>): Html {
  const written = Object.entries(named).map(([name, value]) => attribute(name, value));
  return Html.trusted(written.join(""));
}

/** Joins fragments with one between each two. */
export function join(items: readonly HtmlValue[], between: HtmlValue): HtmlValue {
  return items.flatMap((item, i) => (i === 0 ? [item] : [between, item]));
}

/** Text made safe for element content and for both kinds of quoted attribute. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const urlAttributes = new Set(["href", "src", "action", "formaction"]);

function fill(hole: Hole, value: HtmlValue): string {
  if (hole.kind === "raw")
    throw new TypeError("html: no value may stand inside <script>, <style>, a comment or an unquoted attribute");
  if (value === null || value === undefined || value === false) return "";
  if (Array.isArray(value)) return value.map((item) => fill(hole, item)).join("");
  if (value instanceof Html) return fillMarkup(hole, value);
  if (hole.kind === "tag") throw new TypeError("html: inside a tag only attributes(…) may stand, not text");
  const text = String(value);
  return escapeText(hole.url ? harmlessUrl(text) : text);
}

function fillMarkup(hole: Hole, value: Html): string {
  if (hole.kind === "attribute") throw new TypeError("html: markup may not stand in an attribute");
  return value.toString();
}

function attribute(name: string, value: string | number | boolean | null | undefined): string {
  if (!/^[a-zA-Z][a-zA-Z0-9:_-]*$/.test(name)) throw new TypeError(`html: "${name}" is no attribute name`);
  if (value === null || value === undefined || value === false) return "";
  if (value === true) return ` ${name}`;
  const text = String(value);
  return ` ${name}="${escapeText(urlAttributes.has(name.toLowerCase()) ? harmlessUrl(text) : text)}"`;
}

/** Browsers drop control characters and blanks inside a scheme, so they are dropped before it is judged. */
function harmlessUrl(url: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly the characters that browsers skip in a scheme
  const squeezed = url.replace(/[\u0000-\u0020\u007f]/g, "");
  return /^(javascript|vbscript|data):/i.test(squeezed) ? "#" : url;
}
