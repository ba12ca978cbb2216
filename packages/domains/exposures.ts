import type { Domain, Exposure, Report } from "@jukebase/platform";

/** Where the graph of marts ends: pages of the console, and what domains know to stand outside. `console` is the console's address. */
export function exposuresOf(domains: readonly Domain[], console?: string): Exposure[] {
  const reports = domains.flatMap((domain) => domain.reports.map((report) => reportPage(domain, report, console)));
  return [...reports, ...overviewPage(domains, console), ...domains.flatMap(({ exposures = [] }) => exposures)];
}

function reportPage({ name: owner }: Domain, report: Report, console: string | undefined): Exposure {
  return {
    name: `report_${report.name}`,
    kind: "dashboard",
    title: report.title,
    description: `${report.description}\n\nA page of the console; also \`jukebase report ${report.name}\` and a path of the API.`,
    owner: { name: owner },
    marts: report.marts,
    ...linked(console, `reports/${report.name}`),
  };
}

// The first page draws what reports draw month by month, so it stands on what these stand on.
function overviewPage(domains: readonly Domain[], console: string | undefined): Exposure[] {
  const drawn = domains.flatMap(({ reports }) => reports).filter(({ chart, grains }) => chart && grains.includes("month"));
  if (drawn.length === 0) return [];
  const overview: Exposure = {
    name: "console_overview",
    kind: "dashboard",
    title: "Overview",
    description: "The console's first page: this month's figures of every domain, and their charts.",
    owner: { name: "jukebase" },
    marts: [...new Set(drawn.flatMap(({ marts }) => marts))].sort(),
    ...linked(console, ""),
  };
  return [overview];
}

function linked(console: string | undefined, path: string): { url?: string } {
  return console === undefined ? {} : { url: new URL(path, console.endsWith("/") ? console : `${console}/`).toString() };
}
