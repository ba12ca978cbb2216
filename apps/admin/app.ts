import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { reportingZone } from "@jukebase/domains/run-report.ts";
import { pgExecutor } from "@jukebase/platform";
import express, { type Express } from "express";
import { refuseOtherSites } from "./access/csrf.ts";
import { securityHeaders } from "./access/headers.ts";
import { requireSession, signInRoutes } from "./access/sign-in.ts";
import type { Console } from "./console.ts";
import { answerFailure, answerNothingThere } from "./failure-page.ts";
import { archiveRoutes } from "./pages/archive.ts";
import { auditRoutes } from "./pages/audit.ts";
import { biRoutes } from "./pages/bi.ts";
import { contractRoutes } from "./pages/contracts.ts";
import { diagramRoutes } from "./pages/diagrams.ts";
import { doctorRoutes } from "./pages/doctor.ts";
import { eventRoutes } from "./pages/events.ts";
import { assetRoutes, healthRoute } from "./pages/files.ts";
import { jobRoutes } from "./pages/jobs.ts";
import { lineageRoutes } from "./pages/lineage.ts";
import { loadRoutes } from "./pages/loads.ts";
import { martTestRoutes } from "./pages/mart-tests.ts";
import { martRoutes } from "./pages/marts.ts";
import { overviewRoutes } from "./pages/overview.ts";
import { quarantineRoutes } from "./pages/quarantine.ts";
import { refreshRoutes } from "./pages/refreshes.ts";
import { reportRoutes } from "./pages/reports.ts";
import { searchRoutes } from "./pages/search.ts";
import { waitingRoutes } from "./pages/waiting.ts";

/** What the console is told besides the installation. */
export type AdminAppOptions = {
  /** Hears of every request that failed for a reason nobody foresaw. */
  readonly onFailure?: (failure: Error, requestId: string) => void;
  /** Whose X-Forwarded headers are believed; a proxy on this machine unless said otherwise. */
  readonly trustProxy?: string;
};

/** The console as an Express application: headers, sign-in, then a page per thing. */
export async function adminApp(jukebase: Jukebase, options: AdminAppOptions = {}): Promise<Express> {
  const admin = await consoleOf(jukebase);
  const app = express();
  app.disable("x-powered-by");
  app.set("trust proxy", options.trustProxy ?? "loopback");
  app.use((_request, response, next) => {
    response.locals.requestId = randomUUID();
    response.set("x-request-id", response.locals.requestId);
    next();
  });
  app.use(securityHeaders(), assetRoutes(), healthRoute(jukebase), refuseOtherSites);
  app.use(express.urlencoded({ extended: false, limit: "4mb", parameterLimit: 100 }));
  app.use(signInRoutes(jukebase), requireSession(jukebase));
  for (const routes of pages) app.use(routes(admin));
  app.use(answerNothingThere);
  app.use(answerFailure(admin, options.onFailure ?? (() => {})));
  return app;
}

const pages = [
  overviewRoutes,
  reportRoutes,
  archiveRoutes,
  eventRoutes,
  quarantineRoutes,
  waitingRoutes,
  loadRoutes,
  contractRoutes,
  refreshRoutes,
  martTestRoutes,
  martRoutes,
  biRoutes,
  lineageRoutes,
  diagramRoutes,
  jobRoutes,
  auditRoutes,
  doctorRoutes,
  searchRoutes,
];

async function consoleOf(jukebase: Jukebase): Promise<Console> {
  const manifest = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  return {
    jukebase,
    db: pgExecutor(jukebase.database.pg),
    zone: await reportingZone(jukebase),
    version: manifest.version,
  };
}
