import { parseExact } from "@jukebase/events";

/** JSON laid out over lines for mending, every number and string letter by letter as it was; text that is no JSON comes back as it is. */
export function indentJson(text: string): string {
  if (!parseExact(text).ok) return text;
  let depth = 0;
  const line = (): string => `\n${"  ".repeat(depth)}`;
  return text.trim().replace(tokens, (token, string?: string, empty?: string, open?: string, close?: string) => {
    if (string !== undefined) return string;
    if (empty !== undefined) return empty.replace(/\s/g, "");
    depth += open === undefined ? 0 : 1;
    depth -= close === undefined ? 0 : 1;
    if (open !== undefined) return `${open}${line()}`;
    if (close !== undefined) return `${line()}${close}`;
    if (token === ",") return `,${line()}`;
    return token === ":" ? ": " : "";
  });
}

// A string, an empty object or list, an opening and a closing bracket; then what is left: commas, colons, blanks.
const tokens = /("(?:[^"\\]|\\.)*")|(\{\s*\}|\[\s*\])|([[{])|([\]}])|[,:]|\s+/g;
