import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages", "apps", "db", "tools", "tests"].map((folder) => `${folder}/**/*.test.ts`),
    globalSetup: ["packages/testing/global-setup.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    reporters: ["default"],
  },
});
