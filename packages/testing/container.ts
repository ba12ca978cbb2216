import { type TestServer, testSettings } from "./settings.ts";

/** Starts a Postgres image by Testcontainers. Throws when it cannot be pulled or does not get ready within two minutes. */
export async function startContainer(image: string): Promise<TestServer> {
  // Loaded only here: most runs need no container, and this is by far the largest import.
  const { GenericContainer, Wait } = await import("testcontainers");
  const settings = Object.entries(testSettings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const container = await new GenericContainer(image)
    .withEnvironment({ POSTGRES_USER: "jukebase", POSTGRES_PASSWORD: "jukebase", POSTGRES_DB: "jukebase" })
    .withCommand(["postgres", ...settings])
    .withExposedPorts(5432)
    // The entry point starts the server twice; the health check that would tell needs systemd under some engines.
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .withStartupTimeout(120_000)
    .start();
  return {
    url: `postgres://jukebase:jukebase@${container.getHost()}:${container.getMappedPort(5432)}/jukebase`,
    stop: async () => {
      await container.stop();
    },
  };
}
