import { attributes, type Html, html } from "./html.ts";

/** A line of a text; `mark` says in words what is wrong with it. */
export type Line = { readonly text: string; readonly mark?: string | undefined };

/** What a line became: `same` on both sides, or `changed`, with nothing on the side where there is none. */
export type LinePair = { readonly same: boolean; readonly before: Line | undefined; readonly after: Line | undefined };

/** Two texts side by side, line by line; differences are told by words and signs, not by colour alone. */
export function sideBySide({
  before,
  after,
  titles,
}: {
  readonly before: readonly Line[];
  readonly after: readonly Line[];
  readonly titles: readonly [string, string];
}): Html {
  const rows = pairLines(before, after);
  return html`<section class="table-scroll" aria-label="${titles.join(" and ")}" tabindex="0">
<table class="diff">
<caption class="visually-hidden">${titles.join(" and ")}, line by line</caption>
<thead><tr>${titles.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>
${rows.map(({ same, before: old, after: young }) => html`<tr>${cell(old, same ? undefined : "gone")}${cell(young, same ? undefined : "new")}</tr>\n`)}</tbody>
</table>
</section>`;
}

/** Lines matched so that as many as possible are the same; texts too long for that are matched from both ends. */
export function pairLines(before: readonly Line[], after: readonly Line[]): LinePair[] {
  const head = commonStart(before, after);
  const tail = commonStart(before.slice(head).toReversed(), after.slice(head).toReversed());
  const [old, young] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  const kept = old.length * young.length > cells_max ? [] : longestCommon(old, young);
  return [
    ...before.slice(0, head).map((line, n) => ({ same: true, before: line, after: after[n] })),
    ...between(old, young, kept),
    ...before.slice(before.length - tail).map((line, n) => ({ same: true, before: line, after: after[after.length - tail + n] })),
  ];
}

const cells_max = 1_000_000;

function commonStart(one: readonly Line[], other: readonly Line[]): number {
  let n = 0;
  while (n < one.length && n < other.length && one[n]?.text === other[n]?.text) n += 1;
  return n;
}

type Match = readonly [old: number, young: number];

function longestCommon(old: readonly Line[], young: readonly Line[]): Match[] {
  const width = young.length + 1;
  const length = new Uint32Array((old.length + 1) * width);
  const at = (i: number, j: number): number => length[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = young.length - 1; j >= 0; j -= 1)
      length[i * width + j] = old[i]?.text === young[j]?.text ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const matches: Match[] = [];
  for (let i = 0, j = 0; i < old.length && j < young.length; ) {
    if (old[i]?.text === young[j]?.text) {
      matches.push([i, j]);
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return matches;
}

// What stands between two lines that are the same was changed: the first of one side stands beside the first of the other.
function between(old: readonly Line[], young: readonly Line[], kept: readonly Match[]): LinePair[] {
  const pairs: LinePair[] = [];
  let [i, j] = [0, 0];
  for (const [nextOld, nextYoung] of [...kept, [old.length, young.length] as const]) {
    for (; i < nextOld || j < nextYoung; i += 1, j += 1)
      pairs.push({ same: false, before: i < nextOld ? old[i] : undefined, after: j < nextYoung ? young[j] : undefined });
    [i, j] = [nextOld, nextYoung];
    if (i < old.length && j < young.length) pairs.push({ same: true, before: old[i++], after: young[j++] });
  }
  return pairs;
}

function cell(line: Line | undefined, change: "gone" | "new" | undefined): Html {
  if (line === undefined) return html`<td class="none"></td>`;
  const sign = change === undefined ? null : html`<span class="sign" aria-hidden="true">${change === "gone" ? "−" : "+"}</span>`;
  const text = change === "gone" ? html`<del>${line.text}</del>` : change === "new" ? html`<ins>${line.text}</ins>` : line.text;
  const mark = line.mark === undefined ? null : html`<span class="mark">${line.mark}</span>`;
  const kind = [change, line.mark === undefined ? undefined : "marked"].filter((name) => name !== undefined).join(" ");
  return html`<td${attributes({ class: kind === "" ? null : kind })}>${sign}<code>${text}</code>${mark}</td>`;
}
