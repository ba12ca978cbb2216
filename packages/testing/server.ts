import { startContainer } from "./container.ts";
import { startTestCluster } from "./embedded.ts";
import { engineAnswers } from "./engine.ts";
import type { TestServer } from "./settings.ts";

/**
 * The server that TEST_DATABASE_URL names; else a container, when a Docker-compatible engine answers; else an embedded one.
 * An engine that cannot start the image (no network, say) is told to `say`, and the embedded one stands in.
 */
export async function testServer(env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<TestServer> {
  const given = env.TEST_DATABASE_URL;
  if (given) return { url: given, stop: async () => {} };
  if (await engineAnswers(env)) {
    const image = env.TEST_POSTGRES_IMAGE || "postgres:18";
    const container = await startContainer(image).catch((error: Error) => {
      say(`The container image ${image} did not start (${error.message}); the tests use the embedded Postgres.`);
      return undefined;
    });
    if (container !== undefined) return container;
  }
  return startTestCluster(say);
}
