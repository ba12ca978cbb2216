/** Where a value stands in a template: element text, a quoted attribute, inside a tag, or a place where none is allowed. */
export type Hole = {
  readonly kind: "text" | "attribute" | "tag" | "raw" /** The value begins an attribute that browsers follow. */;
  readonly url: boolean;
};

/** The places of a template's holes, worked out once per template. A fragment is taken to begin in element text. */
export function holesOf(strings: TemplateStringsArray): readonly Hole[] {
  const known = cache.get(strings);
  if (known) return known;
  const found = scan(strings);
  cache.set(strings, found);
  return found;
}

type State = "text" | "tag" | "double" | "single" | "unquoted" | "comment" | "verbatim";

const cache = new WeakMap<TemplateStringsArray, readonly Hole[]>();

function scan(strings: readonly string[]): readonly Hole[] {
  const holes: Hole[] = [];
  let state: State = "text";
  let seen = "";
  for (const chunk of strings.slice(0, -1)) {
    for (const character of chunk) {
      seen += character;
      state = next(state, character, seen);
    }
    holes.push(hole(state, seen));
    seen += "\u0000";
  }
  return holes;
}

function next(state: State, character: string, seen: string): State {
  switch (state) {
    case "text":
      return character === "<" ? "tag" : "text";
    case "double":
      return character === '"' ? "tag" : state;
    case "single":
      return character === "'" ? "tag" : state;
    case "comment":
      return seen.endsWith("-->") ? "text" : state;
    case "verbatim":
      return /<\/(script|style)>$/i.test(seen) ? "text" : state;
    default:
      return nextInTag(state, character, seen);
  }
}

function nextInTag(state: State, character: string, seen: string): State {
  if (seen.endsWith("<!--")) return "comment";
  if (character === ">") return /<(script|style)\b[^<]*>$/i.test(seen) ? "verbatim" : "text";
  if (/\s/.test(character)) return "tag";
  if (state === "unquoted") return state;
  if (character === '"') return "double";
  if (character === "'") return "single";
  return /=[^\s"'>]$/.test(seen) ? "unquoted" : "tag";
}

function hole(state: State, seen: string): Hole {
  if (state === "text") return { kind: "text", url: false };
  if (state === "double" || state === "single")
    return { kind: "attribute", url: /\b(href|src|action|formaction)=["']$/i.test(seen) };
  if (state === "tag" && !/[=<]$/.test(seen)) return { kind: "tag", url: false };
  return { kind: "raw", url: false };
}
