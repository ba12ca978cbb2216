/** A tool that reads marts: what a login for it gets unless something else is asked for. */
export type Tool = {
  readonly name: ToolName;
  readonly title: string;
  /** Sessions at once, and how long a statement may take. */
  readonly connections: number;
  readonly timeout_s: number;
  /** The page that says how. */
  readonly page: string;
};

/** The tools that there is a recipe for. */
export const toolNames = ["metabase", "powerbi", "tableau", "looker", "excel", "sheets", "psql"] as const;

/** One of them. */
export type ToolName = (typeof toolNames)[number];

/** Where a login connects. */
export type Address = { readonly host: string; readonly port: number; readonly database: string; readonly user: string };

/** Every tool with its usual limits: servers that many people use get more sessions, imports more time. */
export const tools: Readonly<Record<ToolName, Tool>> = {
  metabase: { name: "metabase", title: "Metabase", connections: 10, timeout_s: 60, page: "docs/how-to/bi/metabase.md" },
  powerbi: { name: "powerbi", title: "Power BI", connections: 6, timeout_s: 300, page: "docs/how-to/bi/power-bi.md" },
  tableau: { name: "tableau", title: "Tableau", connections: 8, timeout_s: 120, page: "docs/how-to/bi/tableau.md" },
  looker: { name: "looker", title: "Looker", connections: 10, timeout_s: 60, page: "docs/how-to/bi/looker.md" },
  excel: { name: "excel", title: "Excel", connections: 4, timeout_s: 300, page: "docs/how-to/bi/excel.md" },
  sheets: { name: "sheets", title: "Google Sheets", connections: 2, timeout_s: 60, page: "docs/how-to/bi/google-sheets.md" },
  psql: { name: "psql", title: "psql", connections: 3, timeout_s: 30, page: "docs/how-to/bi/psql.md" },
};

/** Where the server of an address answers, for a login of its own. */
export function addressFor(url: string, user: string): Address {
  const { hostname, port, pathname } = new URL(url);
  return {
    host: hostname.replace(/^\[(.*)\]$/, "$1") || "localhost",
    port: Number(port || 5432),
    database: decodeURIComponent(pathname.slice(1)) || "postgres",
    user,
  };
}

/** The address as libpq and most drivers read it; without a password, a place for one. */
export function connectionUrl({ host, port, database, user }: Address, password = "PASSWORD"): string {
  const at = host.includes(":") ? `[${host}]` : host;
  return `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${at}:${port}/${encodeURIComponent(database)}`;
}

/** What is typed or pasted into a tool, line by line. */
export function snippetFor(tool: ToolName, address: Address, password = "PASSWORD"): readonly string[] {
  const { host, port, database, user } = address;
  const fields = [`Host: ${host}`, `Port: ${port}`, `Database: ${database}`, `User: ${user}`, `Password: ${password}`];
  switch (tool) {
    case "metabase":
      return [`Connection string: ${connectionUrl(address, password)}`, "Schemas: Only these: marts"];
    case "powerbi":
    case "excel":
      return [
        `Server: ${host}:${port}`,
        `Database: ${database}`,
        "Credentials: Database",
        `User name: ${user}`,
        `Password: ${password}`,
        ...(tool === "powerbi" ? [`M: PostgreSQL.Database("${host}:${port}", "${database}")`] : []),
      ];
    case "tableau":
      return [
        `Server: ${host}`,
        `Port: ${port}`,
        `Database: ${database}`,
        "Authentication: Username and Password",
        `Username: ${user}`,
        `Password: ${password}`,
        "Schema: marts",
      ];
    case "looker":
      return [
        "Dialect: PostgreSQL 9.5+",
        ...fields,
        "Schema: marts",
        "Time zone of the database: UTC",
        "Persistent derived tables: off",
      ];
    case "sheets":
      return [`Jdbc.getConnection("jdbc:postgresql://${host}:${port}/${database}", "${user}", "${password}")`];
    case "psql":
      return [
        "~/.pg_service.conf:",
        `  [${user}]`,
        ...[`host=${host}`, `port=${port}`, `dbname=${database}`, `user=${user}`].map((line) => `  ${line}`),
        "~/.pgpass (mode 0600):",
        `  ${host}:${port}:${database}:${user}:${password}`,
        `Then: psql service=${user}`,
      ];
  }
}
