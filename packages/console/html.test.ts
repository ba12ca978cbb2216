import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attributes, Html, html } from "./html.ts";

const entities: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };
const read = (text: string) => text.replace(/&(amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? "");
const nasty = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .array(
      fc.constantFrom("<", ">", '"', "'", "&", "</p>", "<script>", "-->", "]]>", "`", "=", " ", "&lt;", "javascript:", "\u0000"),
    )
    .map((parts) => parts.join("")),
);

describe("html", () => {
  it("no text breaks out of an element", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const inside = String(html`<p>${text}</p>`).slice(3, -4);
        expect(inside).not.toMatch(/[<>"']/);
        expect(read(inside)).toBe(text);
      }),
    );
  });

  it("no text breaks out of a quoted attribute, of either quote", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        for (const [markup, start, end] of [
          [html`<p title="${text}"></p>`, 10, 6],
          [html`<p title='${text}'></p>`, 10, 6],
          [html`<p${attributes({ title: text })}></p>`, 10, 6],
        ] as const) {
          const inside = String(markup).slice(start, -end);
          expect(inside).not.toMatch(/[<>"']/);
          expect(read(inside)).toBe(text);
        }
      }),
    );
  });

  it("nothing, null and false are empty; lists are joined; numbers are written", () => {
    expect(String(html`<p>${null}${undefined}${false}${["a", html`<b>c</b>`, [1, 2n]]}</p>`)).toBe("<p>a<b>c</b>12</p>");
  });

  it("markup passes once and is not escaped again", () => {
    expect(String(html`<p>${html`<i>${"<"}</i>`}</p>`)).toBe("<p><i>&lt;</i></p>");
  });

  it("an object that looks like Html does not pass for it", () => {
    const fake = { toString: () => "<script>" } as unknown as string;
    expect(String(html`<p>${fake}</p>`)).toBe("<p>&lt;script&gt;</p>");
  });

  it("text inside a tag, markup in an attribute and values in scripts, comments and unquoted attributes are refused", () => {
    expect(() => html`<p ${"onclick=x"}></p>`).toThrow(TypeError);
    expect(() => html`<p title="${html`<b></b>`}"></p>`).toThrow(TypeError);
    expect(() => html`<script>${"x"}</script>`).toThrow(TypeError);
    expect(() => html`<style>${"x"}</style>`).toThrow(TypeError);
    expect(() => html`<p title=${"x"}></p>`).toThrow(TypeError);
    expect(() => html`<!-- ${"x"} -->`).toThrow(TypeError);
    expect(() => html`<${"p"}>`).toThrow(TypeError);
    expect(() => attributes({ 'a" onclick': "x" })).toThrow(TypeError);
  });

  it("text after a script or a comment may stand again", () => {
    expect(String(html`<script src="/a.js"></script><!-- a --><p>${"b"}</p>`)).toBe(
      '<script src="/a.js"></script><!-- a --><p>b</p>',
    );
  });

  it("a link that would run a script leads nowhere", () => {
    for (const url of [
      "javascript:alert(1)",
      " JavaScript:x",
      "java\nscript:x",
      "\u0001javascript:x",
      "data:text/html,x",
      "vbscript:x",
    ]) {
      expect(String(html`<a href="${url}">x</a>`)).toBe('<a href="#">x</a>');
      expect(String(attributes({ href: url }))).toBe(' href="#"');
    }
    expect(String(html`<a href="${"/a?b=javascript:c&d"}">x</a>`)).toBe('<a href="/a?b=javascript:c&amp;d">x</a>');
  });

  it("attributes that are false or null are left out and true ones stand bare", () => {
    expect(String(attributes({ id: "a", hidden: true, title: null, lang: undefined, draggable: false, tabindex: 0 }))).toBe(
      ' id="a" hidden tabindex="0"',
    );
    expect(attributes({})).toBeInstanceOf(Html);
  });
});
