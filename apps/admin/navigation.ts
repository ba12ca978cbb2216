import type { NavGroup } from "@jukebase/console";
import type { Console } from "./console.ts";

/** The side navigation: the overview, each domain's reports, the data, the system; what waits for a person carries its number. */
export async function navigation({ jukebase, db }: Console): Promise<readonly NavGroup[]> {
  const [waiting] = await db.query<{ open: number; parked: number; failing: number }>(
    `select
       (select count(*)::int from events.quarantine where status = 'open') as open,
       (select count(*)::int from events.parked where generation = 1) as parked,
       (select count(*)::int from marts_store.test where status in ('fail', 'error')) as failing`,
  );
  const reports = jukebase.domains
    .filter((domain) => domain.reports.length > 0)
    .map((domain) => ({
      title: domain.title,
      links: domain.reports.map((report) => ({ href: `/reports/${report.name}`, label: report.title })),
    }));
  return [
    {
      links: [
        { href: "/", label: "Overview" },
        { href: "/reports", label: "All reports" },
      ],
    },
    ...reports,
    {
      title: "Data",
      links: [
        { href: "/events", label: "Events", count: waiting?.parked ?? 0 },
        { href: "/quarantine", label: "Quarantine", count: waiting?.open ?? 0 },
        { href: "/waiting", label: "Waiting" },
        { href: "/loads", label: "Loads" },
        { href: "/contracts", label: "Contracts" },
        { href: "/marts", label: "Marts" },
        { href: "/marts/tests", label: "Tests", count: waiting?.failing ?? 0 },
        { href: "/bi", label: "BI access" },
        { href: "/marts/refreshes", label: "Refreshes" },
        { href: "/lineage", label: "Lineage" },
        { href: "/diagrams", label: "Diagrams" },
      ],
    },
    {
      title: "System",
      links: [
        { href: "/jobs", label: "Jobs" },
        { href: "/audit", label: "Audit" },
        { href: "/doctor", label: "Doctor" },
      ],
    },
  ];
}
