import { assetPath } from "./assets.ts";
import { notice, type Tone } from "./blocks.ts";
import { attributes, type Html, type HtmlValue, html } from "./html.ts";
import { breadcrumbs, type Crumb, type NavGroup, navigation } from "./nav.ts";

/** A whole document. Texts are plain and are escaped here. */
export type PageProps = {
  readonly title: string;
  /** The path without query, to mark the current link. */
  readonly path: string;
  readonly nav: readonly NavGroup[];
  readonly body: HtmlValue;
  /** One or two sentences under the title. */
  readonly lead?: HtmlValue;
  /** Buttons and links at the right of the title. */
  readonly actions?: HtmlValue;
  readonly user?: {
    readonly name: string;
    readonly role?: string /** Where the sign-out form posts. */;
    readonly signOut?: string;
  };
  /** The session's token for the sign-out form; without it the form is left out. */
  readonly csrf?: string;
  /** What the last request did, shown once. */
  readonly flash?: { readonly tone: Exclude<Tone, "neutral">; readonly text: string };
  readonly breadcrumbs?: readonly Crumb[];
  /** A search over everything: a GET form with one field `q`. */
  readonly search?: { readonly action: string; readonly value?: string; readonly placeholder?: string };
  /** For a Content-Security-Policy by nonce; 'self' is enough without. */
  readonly nonce?: string;
  readonly version?: string;
  /** Up to where the numbers go, in words: "2024-03-10 14:05 UTC". */
  readonly asOf?: string;
  /** Follows the system when left out. */
  readonly theme?: "light" | "dark";
  /** For a page that is a file: the way from it to the site's first folder (`../`, or nothing). Such pages need no server and no script. */
  readonly site?: string;
};

/** Renders the document as text, ready to be sent as text/html. */
export function page(props: PageProps): string {
  const { title, nonce, theme, site } = props;
  const script = site === undefined && html`<script src="${assetPath("htmx.js")}" defer${attributes({ nonce })}></script>`;
  const document = html`<!DOCTYPE html>
<html lang="en"${attributes({ "data-theme": theme })}>
<head>
<meta charset="utf-8">
<title>${title} · Jukebase</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${within(site, assetPath("icon.svg"))}" type="image/svg+xml">
<link rel="stylesheet" href="${within(site, assetPath("console.css"))}"${attributes({ nonce })}>
${script}
</head>
${layout(props)}
</html>
`;
  return document.toString();
}

/** A path from the root, seen from a file's folder. */
function within(site: string | undefined, path: string): string {
  return site === undefined ? path : `${site}${path.slice(1)}`;
}

function layout(props: PageProps): Html {
  const { nav, path } = props;
  if (nav.length === 0)
    return html`<body class="bare"><a class="skip" href="#main">Skip to content</a>${header(props)}${main(props)}${footer(props)}</body>`;
  return html`<body><a class="skip" href="#main">Skip to content</a>${header(props)}<div class="frame">${navigation(nav, path)}<div class="content">${main(props)}${footer(props)}</div></div></body>`;
}

function header(props: PageProps): Html {
  const menu =
    props.nav.length === 0
      ? null
      : html`<button type="button" class="menu-button" popovertarget="navigation" aria-label="Menu">${menuIcon}</button>`;
  return html`<header class="top">${menu}<a class="brand" href="${within(props.site, props.site === undefined ? "/" : "/index.html")}">${mark}<span>Jukebase</span></a>${props.search && search(props.search)}${account(props)}</header>`;
}

function search({ action, value, placeholder = "Search" }: NonNullable<PageProps["search"]>): Html {
  return html`<search class="top-search"><form method="get" action="${action}"><label class="visually-hidden" for="search">Search everything</label><input id="search" type="search" name="q"${attributes({ value, placeholder })}><button type="submit" aria-label="Search">${searchIcon}</button></form></search>`;
}

function account({ user, csrf }: PageProps): HtmlValue {
  if (!user) return null;
  const out =
    user.signOut !== undefined && csrf !== undefined
      ? html`<form method="post" action="${user.signOut}"><input type="hidden" name="_csrf" value="${csrf}"><button type="submit" class="button quiet small">Sign out</button></form>`
      : null;
  return html`<div class="account"><p><span class="account-name">${user.name}</span>${user.role !== undefined && html` <span class="account-role">${user.role}</span>`}</p>${out}</div>`;
}

function main({ title, lead, actions, flash, breadcrumbs: trail, body }: PageProps): Html {
  return html`<main id="main" tabindex="-1">
<div class="page-head">${trail && trail.length > 0 && breadcrumbs(trail)}<div class="page-title"><h1>${title}</h1>${actions !== undefined && html`<div class="page-actions">${actions}</div>`}</div>${lead !== undefined && html`<p class="lead">${lead}</p>`}</div>
${flash && notice({ tone: flash.tone, title: flash.text })}${body}
</main>`;
}

function footer({ version, asOf }: PageProps): Html {
  const parts = [
    version === undefined ? "Jukebase" : `Jukebase ${version}`,
    ...(asOf === undefined ? [] : [`numbers as of ${asOf}`]),
  ];
  return html`<footer class="foot"><p>${parts.join(" · ")}</p></footer>`;
}

const mark = html`<svg class="mark" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true" focusable="false"><path class="mark-case" d="M4 30V14a12 12 0 0 1 24 0v16z"/><path class="mark-arc" d="M9 22v-8a7 7 0 0 1 14 0v8" fill="none" stroke-width="2.5"/><path class="mark-bars" d="M12 26v-6M16 26v-11M20 26v-8" fill="none" stroke-width="2.5" stroke-linecap="round"/></svg>`;
const searchIcon = html`<svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true" focusable="false"><path d="M13 13l4.5 4.5M15 8.75a6.25 6.25 0 1 1-12.5 0a6.25 6.25 0 0 1 12.5 0z" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round"/></svg>`;
const menuIcon = html`<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false"><path d="M3 5h14M3 10h14M3 15h14" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round"/></svg>`;
