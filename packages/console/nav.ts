import { attributes, type Html, html } from "./html.ts";

/** A group of links of the side navigation. */
export type NavGroup = { readonly title?: string; readonly links: readonly NavLink[] };

/** `count` is shown beside the link when something waits there. */
export type NavLink = { readonly href: string; readonly label: string; readonly count?: number };

/** The trail from the start page to this one; the last entry is the page itself and has no link. */
export type Crumb = { readonly label: string; readonly href?: string };

/**
 * The side navigation. The link whose path is the page's, or the longest one above it, is marked as current.
 * On narrow screens it is a popover opened by the button in the header: HTML alone, no script.
 */
export function navigation(groups: readonly NavGroup[], path: string): Html {
  const current = currentLink(groups, path);
  return html`<nav id="navigation" class="nav" aria-label="Main" popover>${groups.map((group) => navGroup(group, current, path))}</nav>`;
}

/** The trail over the title. */
export function breadcrumbs(crumbs: readonly Crumb[]): Html {
  const entry = ({ label, href }: Crumb) =>
    href === undefined ? html`<li aria-current="page">${label}</li>` : html`<li><a href="${href}">${label}</a></li>`;
  return html`<nav class="breadcrumbs" aria-label="Breadcrumb"><ol>${crumbs.map(entry)}</ol></nav>`;
}

function navGroup({ title, links }: NavGroup, current: string | undefined, path: string): Html {
  const list = html`<ul>${links.map((link) => html`<li>${navLink(link, current, path)}</li>`)}</ul>`;
  return html`<div class="nav-group">${title !== undefined && html`<p class="nav-title">${title}</p>`}${list}</div>`;
}

function navLink({ href, label, count }: NavLink, current: string | undefined, path: string): Html {
  const mark = href !== current ? null : href === path ? "page" : "true";
  const waiting = count !== undefined && count > 0 ? html`<span class="nav-count">${count}</span>` : null;
  return html`<a${attributes({ href, "aria-current": mark })}><span>${label}</span>${waiting}</a>`;
}

function currentLink(groups: readonly NavGroup[], path: string): string | undefined {
  const above = groups.flatMap(({ links }) => links.map(({ href }) => href)).filter((href) => isAbove(href, path));
  return above.toSorted((left, right) => right.length - left.length)[0];
}

function isAbove(href: string, path: string): boolean {
  return href === path || (href !== "/" && path.startsWith(`${href}/`));
}
