import { request } from "node:http";
import { join } from "node:path";

/** Whether a Docker-compatible engine answers within a second, where DOCKER_HOST says or where one usually listens. */
export async function engineAnswers(env: NodeJS.ProcessEnv): Promise<boolean> {
  for (const address of addresses(env)) if (await answers(address)) return true;
  return false;
}

type Address = { socketPath: string } | { host: string; port: number };

function addresses(env: NodeJS.ProcessEnv): Address[] {
  const named = env.DOCKER_HOST;
  if (named?.startsWith("unix://")) return [{ socketPath: named.slice(7) }];
  if (named) {
    const { hostname, port } = new URL(named);
    return [{ host: hostname, port: Number(port || 2375) }];
  }
  const home = env.HOME;
  return ["/var/run/docker.sock", ...(home ? [join(home, ".docker", "run", "docker.sock")] : [])].map((socketPath) => ({
    socketPath,
  }));
}

function answers(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const ping = request({ ...address, path: "/_ping", timeout: 1000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.once("timeout", () => ping.destroy(new Error("no answer")));
    ping.once("error", () => resolve(false));
    ping.end();
  });
}
