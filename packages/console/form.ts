import { attributes, type Html, type HtmlValue, html } from "./html.ts";

/** What every input has: a label always; a hint and an error are tied to it for screen readers. */
export type InputProps = {
  readonly name: string;
  readonly label: string;
  readonly value?: string | undefined;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly required?: boolean;
};

/** A choice of a select: what is sent and what is read. */
export type Choice = { readonly value: string; readonly label: string };

/** A form that changes something: POST, with the session's token in a hidden field. */
export type FormProps = {
  readonly action: string;
  readonly csrf: string;
  readonly body: HtmlValue;
  readonly submit: string;
  /** Red for what cannot be undone. */
  readonly tone?: "primary" | "danger" | "quiet";
  /** Puts fields and button on one line. */
  readonly inline?: boolean;
  /** More buttons beside the first. */
  readonly more?: HtmlValue;
  /** Values that go along unseen. */
  readonly hidden?: Readonly<Record<string, string>>;
};

/** The whole form, its button last. */
export function form({ action, csrf, body, submit, tone = "primary", inline = false, more, hidden = {} }: FormProps): Html {
  return html`<form class="${inline ? "form inline" : "form"}" method="post" action="${action}">
${hiddenFields({ _csrf: csrf, ...hidden })}${body}
<div class="form-actions">${button({ label: submit, tone })}${more}</div>
</form>`;
}

/** Hidden inputs, one per entry. */
export function hiddenFields(values: Readonly<Record<string, string>>): Html {
  return html`${Object.entries(values).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}`;
}

/** A button that sends its form; `name` and `value` tell several buttons of one form apart. */
export function button({
  label,
  tone = "primary",
  name,
  value,
}: {
  readonly label: string;
  readonly tone?: "primary" | "danger" | "quiet";
  readonly name?: string;
  readonly value?: string;
}): Html {
  return html`<button type="submit"${attributes({ class: `button ${tone}`, name, value })}>${label}</button>`;
}

/** A link that looks like a button, for going somewhere; it never changes anything. */
export function buttonLink({
  label,
  href,
  tone = "quiet",
}: {
  readonly label: string;
  readonly href: string;
  readonly tone?: "primary" | "quiet";
}): Html {
  return html`<a class="${`button ${tone}`}" href="${href}">${label}</a>`;
}

/** One line of text; `type` chooses the keyboard and the browser's own check. */
export function textField(
  props: InputProps & {
    readonly type?: "text" | "email" | "password" | "search" | "url" | "number";
    readonly autocomplete?: string;
    readonly placeholder?: string;
    readonly suggestions?: readonly string[];
  },
): Html {
  const { type = "text", autocomplete, placeholder, suggestions } = props;
  const list = suggestions && suggestions.length > 0 ? `${inputId(props.name)}-list` : null;
  const step = type === "number" ? "any" : null;
  const value = type === "password" ? undefined : props.value;
  const input = html`<input type="${type}"${marks(props)}${attributes({ value, autocomplete, placeholder, list, step })}>`;
  const options =
    list === null
      ? null
      : html`<datalist id="${list}">${suggestions?.map((text) => html`<option value="${text}"></option>`)}</datalist>`;
  return field(props, html`${input}${options}`);
}

/** A business date, YYYY-MM-DD, with the browser's own calendar. */
export function dateField(props: InputProps): Html {
  return field(props, html`<input type="date"${marks(props)}${attributes({ value: props.value })}>`);
}

/** One of a few choices. */
export function selectField(props: InputProps & { readonly choices: readonly Choice[] }): Html {
  const options = props.choices.map(
    ({ value, label }) => html`<option${attributes({ value, selected: value === (props.value ?? "") })}>${label}</option>`,
  );
  return field(props, html`<select${marks(props)}>${options}</select>`);
}

/** Several lines of text, with digits and letters of one width when it holds code. */
export function textArea(props: InputProps & { readonly rows?: number; readonly code?: boolean }): Html {
  const shape = attributes({
    rows: props.rows ?? 6,
    class: props.code ? "code-input" : null,
    spellcheck: props.code ? "false" : null,
  });
  // The first line break after the tag is dropped by browsers, so one is always given away.
  return field(props, html`<textarea${marks(props)}${shape}>\n${props.value}</textarea>`);
}

/** Yes or no. */
export function checkbox(props: Omit<InputProps, "value"> & { readonly checked?: boolean; readonly value?: string }): Html {
  const { name, label, checked = false, value = "true", hint, error } = props;
  return html`<div class="field check"><input type="checkbox"${marks(props)}${attributes({ value, checked })}><label for="${inputId(name)}">${label}</label>${notes(name, hint, error)}</div>`;
}

function field(props: InputProps, input: Html): Html {
  const { name, label, hint, error, required = false } = props;
  const mark = required ? html` <span class="required" aria-hidden="true">*</span>` : null;
  return html`<div class="${error === undefined ? "field" : "field wrong"}"><label for="${inputId(name)}">${label}${mark}</label>${input}${notes(name, hint, error)}</div>`;
}

function marks({ name, hint, error, required = false }: Omit<InputProps, "label">): Html {
  const described = [
    hint === undefined ? [] : `${inputId(name)}-hint`,
    error === undefined ? [] : `${inputId(name)}-error`,
  ].flat();
  return attributes({
    id: inputId(name),
    name,
    required,
    "aria-invalid": error === undefined ? null : "true",
    "aria-describedby": described.length > 0 ? described.join(" ") : null,
  });
}

function notes(name: string, hint: string | undefined, error: string | undefined): Html {
  const id = inputId(name);
  return html`${hint !== undefined && html`<p class="hint" id="${id}-hint">${hint}</p>`}${error !== undefined && html`<p class="error" id="${id}-error">${error}</p>`}`;
}

function inputId(name: string): string {
  return `field-${name.replace(/[^A-Za-z0-9_-]+/g, "-")}`;
}
