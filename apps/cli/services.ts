import { createServer } from "node:net";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { Conflict } from "@jukebase/platform";
import { failureFields, makeLog } from "@jukebase/platform/log.ts";

/** What a running installation answers at; `close` ends it in order: first what lets work in, then what does it. */
export type Services = { readonly api: string; readonly admin: string; readonly close: () => Promise<void> };

type Running = { readonly url: string; readonly close: () => Promise<void> };
type Start = (jukebase: Jukebase, address: { readonly host: string; readonly port: number }) => Promise<Running>;

/** Starts API, console and worker in this process. A port that is taken is passed over for the next free one. */
export async function startServices(
  jukebase: Jukebase,
  ports: { readonly api: number; readonly admin: number },
): Promise<Services> {
  const [{ startApi }, { startAdmin }, { startWorker }] = await Promise.all([
    import("@jukebase/api/server.ts"),
    import("@jukebase/admin/server.ts"),
    import("@jukebase/worker/worker.ts"),
  ]);
  const running: { close: () => Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const each of running.splice(0)) await each.close();
  };
  const start = async (service: Start, port: number): Promise<string> => {
    const started = await service(jukebase, { host: jukebase.config.host, port: await freeFrom(jukebase.config.host, port) });
    running.unshift(started);
    return started.url;
  };
  try {
    running.unshift(await startWorker(jukebase));
    const api = await start(startApi, ports.api);
    const admin = await start((opened, address) => startAdmin(opened, { ...address, onFailure: logged(opened) }), ports.admin);
    return { api, admin, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function logged({ config }: Jukebase): (failure: Error, requestId: string) => void {
  const log = makeLog(config, "admin");
  return (failure, request_id) => log.error({ request_id, ...failureFields(failure) }, "A page failed.");
}

const tries_max = 50;

async function freeFrom(host: string, wished: number): Promise<number> {
  for (let port = wished; port < wished + tries_max && port <= 65_535; port += 1) if (await isFree(host, port)) return port;
  throw new Conflict(`The ports from ${wished} on are taken at ${host}: name others with --api-port and --admin-port.`);
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => (error.code === "EADDRINUSE" ? resolve(false) : reject(error)));
    server.listen({ host, port }, () => server.close(() => resolve(true)));
  });
}
