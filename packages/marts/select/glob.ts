/** Whether a text has wildcards: `*` (any characters), `?` (one), `[abc]` (one of these). */
export function isGlob(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/** Whether a text is what a pattern says; without wildcards, the same text. `within`: what a `*` does not reach across. */
export function matches(pattern: string, text: string, within = ""): boolean {
  return isGlob(pattern) ? new RegExp(`^${asExpression(pattern, within)}$`, "s").test(text) : pattern === text;
}

function asExpression(pattern: string, within: string): string {
  const one = within === "" ? "." : `[^${within}]`;
  return pattern.replaceAll(/\*\*|\*|\?|\[!?[^\]]+\]|[^\w]/g, (part) => {
    if (part === "**") return ".*";
    if (part === "*") return `${one}*`;
    if (part === "?") return one;
    if (part.startsWith("[") && part.length > 1) return part.replace("[!", "[^").replaceAll("\\", "\\\\");
    return `\\${part}`;
  });
}
