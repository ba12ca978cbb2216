import { startContainer } from "./container.ts";
import { startTestCluster } from "./embedded.ts";
import { engineAnswers } from "./engine.ts";
import type { TestServer } from "./settings.ts";

/**
 * The server that TEST_DATABASE_URL names; else a container of the image that TEST_POSTGRES_IMAGE names; else one of the usual image, when
 * a Docker-compatible engine answers; else an embedded one. The usual image that does not start (no network, say) is told to `say`, and
 * the embedded one stands in. An image that was asked for is used, or this throws: whoever tests against it must not test another.
 */
export async function testServer(
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
  start: (image: string) => Promise<TestServer> = startContainer,
): Promise<TestServer> {
  const given = env.TEST_DATABASE_URL;
  if (given) return { url: given, stop: async () => {} };
  const image = env.TEST_POSTGRES_IMAGE;
  if (image) return startAsked(image, env, start);
  if (await engineAnswers(env)) {
    const container = await start(usualImage).catch((error: Error) => {
      say(`The container image ${usualImage} did not start (${error.message}); the tests use the embedded Postgres.`);
      return undefined;
    });
    if (container !== undefined) return container;
  }
  return startTestCluster(say);
}

const usualImage = "postgres:18";

async function startAsked(
  image: string,
  env: NodeJS.ProcessEnv,
  start: (image: string) => Promise<TestServer>,
): Promise<TestServer> {
  const otherwise = "or leave TEST_POSTGRES_IMAGE out to test with the embedded Postgres.";
  if (!(await engineAnswers(env))) {
    const where = env.DOCKER_HOST || "the usual places";
    throw new Error(
      `TEST_POSTGRES_IMAGE asks for ${image}, and no Docker-compatible engine answers at ${where}. Start one (or say in DOCKER_HOST where it listens), ${otherwise}`,
    );
  }
  return start(image).catch((cause: Error) => {
    throw new Error(
      `TEST_POSTGRES_IMAGE asks for ${image}, and it did not start: ${cause.message}. Pull it (docker pull ${image}) and see that it runs by itself, ${otherwise}`,
      { cause },
    );
  });
}
