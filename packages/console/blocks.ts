import { attributes, type Html, type HtmlValue, html } from "./html.ts";

/** How grave something is. */
export type Tone = "neutral" | "info" | "good" | "warn" | "error";

/** A titled surface; `actions` stand at the right of its title. */
export function card({
  title,
  body,
  actions,
  id,
}: {
  readonly title?: string;
  readonly body: HtmlValue;
  readonly actions?: HtmlValue;
  readonly id?: string;
}): Html {
  const head =
    title === undefined
      ? null
      : html`<div class="card-head"><h2>${title}</h2>${actions !== undefined && html`<div class="card-actions">${actions}</div>`}</div>`;
  return html`<section class="card"${attributes({ id })}>${head}<div class="card-body">${body}</div></section>`;
}

/** Blocks side by side where there is room, one under the other where there is not. */
export function columns(blocks: readonly HtmlValue[]): Html {
  return html`<div class="columns">${blocks.map((block) => html`<div>${block}</div>`)}</div>`;
}

/** Terms and what they are: the facts at the head of a thing's page. `whole`: it is prose and gets the whole width. */
export function definitions(entries: readonly (readonly [term: string, value: HtmlValue, room?: "whole"])[]): Html {
  return html`<dl class="definitions">${entries.map(([term, value, room]) => html`<div${attributes({ class: room })}><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** A state in one or two words; the words carry it, the colour only helps. */
export function badge(text: string, tone: Tone = "neutral"): Html {
  return html`<span class="${`badge ${tone}`}">${text}</span>`;
}

/** What happened, and what to do next. Errors are announced at once. */
export function notice({
  tone,
  title,
  body,
  next,
}: {
  readonly tone: Exclude<Tone, "neutral">;
  readonly title: string;
  readonly body?: HtmlValue;
  readonly next?: HtmlValue;
}): Html {
  return html`<div class="${`notice ${tone}`}" role="${tone === "error" ? "alert" : "status"}"><p class="notice-title">${title}</p>
${body !== undefined && html`<div class="notice-body">${body}</div>`}${next !== undefined && html`<p class="notice-next">${next}</p>`}</div>`;
}

/** Text to be read or copied letter by letter: SQL, JSON, a command. `label` names it for screen readers. */
export function code(text: string, label = "Code"): Html {
  return html`<section class="code" tabindex="0" aria-label="${label}"><pre><code>${text}</code></pre></section>`;
}

/** Numbered steps; `done` ones are ticked, the first open one is marked as current. */
export function steps(items: readonly { readonly title: string; readonly body?: HtmlValue; readonly done?: boolean }[]): Html {
  const current = items.findIndex(({ done }) => done !== true);
  return html`<ol class="steps">${items.map(({ title, body, done }, i) => html`<li${attributes({ class: done ? "done" : null, "aria-current": i === current ? "step" : null })}><p class="step-title">${title}${done && html`<span class="visually-hidden"> (done)</span>`}</p>${body !== undefined && html`<div class="step-body">${body}</div>`}</li>`)}</ol>`;
}
