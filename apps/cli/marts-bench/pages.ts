import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAdmin, startAdmin } from "@jukebase/admin";
import { migrate } from "@jukebase/db";
import { openJukebase } from "@jukebase/domains/open.ts";
import { type Config, connect } from "@jukebase/platform";
import { sampleDomain } from "./sample-domain.ts";

/** How long pages of one kind took, from the request to the last byte. `first_ms`: the first one, with nothing kept from before. */
export type PageTimes = {
  readonly page: string;
  readonly requests: number;
  readonly first_ms: number;
  readonly median_ms: number;
  readonly p95_ms: number;
};

/** The pages on marts at so many of them; `p95_ms` is over all requests but the very first of each kind. */
export type MartPages = { readonly marts: number; readonly p95_ms: number; readonly pages: readonly PageTimes[] };

/**
 * Builds so many made-up marts in the database of `config`, which must be empty, serves the console over them, and asks for its pages on
 * marts, one after another, `requests` of each kind and each for another mart.
 */
export async function measurePages(
  config: Config,
  { marts, requests }: { readonly marts: number; readonly requests: number },
  say: (line: string | undefined) => void,
): Promise<MartPages> {
  const folder = await mkdtemp(join(tmpdir(), "jukebase-bench-marts-"));
  const { tables, domain } = await sampleDomain(marts, folder);
  say(`Building ${marts} marts`);
  await createTables(config.databaseUrl ?? "", tables);
  const jukebase = await openJukebase(config, { domains: [domain], name: "jukebase bench" });
  try {
    const names = domain.marts.map(({ name }) => name);
    const times = await withConsole(jukebase, (get) => askAll(get, names, requests, say));
    const all = times.flatMap(({ later }) => later);
    return { marts, p95_ms: rounded(quantile(all, 0.95)), pages: times.map(summed) };
  } finally {
    say(undefined);
    await jukebase.close();
    await rm(folder, { recursive: true });
  }
}

const kinds: readonly (readonly [page: string, path: (mart: string) => string])[] = [
  ["catalogue", () => "/marts"],
  ["catalogue, searched", (mart) => `/marts?q=${mart}`],
  ["mart", (mart) => `/marts/${mart}`],
  ["lineage, 2 steps", (mart) => `/lineage?focus=${mart}`],
  ["lineage, 5 steps", (mart) => `/lineage?focus=${mart}&depth=5`],
  ["lineage by column", (mart) => `/lineage?focus=${mart}&columns=1`],
  ["lineage of a column", (mart) => `/lineage?focus=${mart}&columns=1&column=amount&depth=5`],
  ["whole lineage", () => "/lineage?whole=1"],
];

type Times = { readonly page: string; readonly first: number; readonly later: readonly number[] };
type Get = (path: string) => Promise<number>;

async function askAll(get: Get, marts: readonly string[], requests: number, say: (line: string) => void): Promise<Times[]> {
  const found: Times[] = [];
  for (const [page, path] of kinds) {
    say(`Asking for pages: ${page}`);
    const times: number[] = [];
    for (let n = 0; n <= requests; n += 1) times.push(await get(path(marts[(n * 7) % marts.length] ?? "")));
    const [first = 0, ...later] = times;
    found.push({ page, first, later });
  }
  return found;
}

async function withConsole<T>(jukebase: Parameters<typeof startAdmin>[0], work: (get: Get) => Promise<T>): Promise<T> {
  const { email, password = "" } = await createAdmin(jukebase, "bench@jukebase.example");
  const admin = await startAdmin(jukebase, { host: "127.0.0.1", port: 0 });
  try {
    const cookie = await signIn(admin.url, email, password);
    return await work(async (path) => {
      const started = performance.now();
      const response = await fetch(`${admin.url}${path}`, { headers: { cookie } });
      await response.text();
      if (!response.ok) throw new Error(`${path} answered with ${response.status}`);
      return performance.now() - started;
    });
  } finally {
    await admin.close();
  }
}

async function signIn(url: string, email: string, password: string): Promise<string> {
  const page = await fetch(`${url}/sign-in`);
  const first = cookiesOf(page);
  const token = /name="_csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? "";
  const body = new URLSearchParams({ email, password, to: "/", _csrf: token });
  const answer = await fetch(`${url}/sign-in`, { method: "POST", body, redirect: "manual", headers: { cookie: first } });
  if (answer.status !== 303) throw new Error(`Signing in answered with ${answer.status}.`);
  return cookiesOf(answer);
}

function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
}

async function createTables(url: string, statements: readonly string[]): Promise<void> {
  await migrate(url);
  const database = await connect(url, { max: 1, name: "jukebase bench" });
  for (const statement of statements) await database.pg.query(statement);
  await database.end();
}

function summed({ page, first, later }: Times): PageTimes {
  const figures = { median_ms: rounded(quantile(later, 0.5)), p95_ms: rounded(quantile(later, 0.95)) };
  return { page, requests: later.length, first_ms: rounded(first), ...figures };
}

function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
