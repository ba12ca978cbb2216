/**
 * JSON laid out over lines for reading and mending. Works on the text, so every number and string keeps the letters it had; text
 * that is no JSON comes back with its brackets broken over lines as far as they go.
 */
export function indentJson(text: string): string {
  let depth = 0;
  return text
    .trim()
    .replace(tokens, (token, string: string | undefined, open: string | undefined, close: string | undefined, empty: string | undefined) => {
      if (string !== undefined) return string;
      if (empty !== undefined) return empty.replace(/\s/g, "");
      if (open !== undefined) return `${open}\n${"  ".repeat(++depth)}`;
      if (close !== undefined) return `\n${"  ".repeat((depth = Math.max(0, depth - 1)))}${close}`;
      if (token === ",") return `,\n${"  ".repeat(depth)}`;
      return token === ":" ? ": " : "";
    });
}

const tokens = /("(?:[^"\\]|\\.)*"?)|(?:([[{])(?!\s*[\]}])\s*)|(?:([\]}]))|(\{\s*\}|\[\s*\])|[,:]|\s+/gs;
