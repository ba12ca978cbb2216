import { failureFields, type Log } from "./log.ts";

/** Something that runs until it is closed. */
export type Closable = { readonly close: () => Promise<void> };

const stop_ms = 10_000;

/**
 * Starts an app and closes it at SIGINT or SIGTERM, in order and within 10 s; what hangs longer is cut off with exit code 1. `what`
 * begins the log's sentences. The signals are heard from the first moment on: the first process of a container has no other way to end.
 */
export async function runUntilSignal(what: string, log: Log, start: () => Promise<Closable>): Promise<void> {
  const signalled = firstSignal(() => log.info({}, `${what} is stopping.`));
  const running = await start();
  await signalled;
  try {
    await running.close();
    log.info({}, `${what} has stopped.`);
  } catch (failure) {
    log.error(failureFields(failure), `${what} did not stop in order.`);
    process.exitCode = 1;
  }
}

function firstSignal(onSignal: () => void): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        setTimeout(() => process.exit(1), stop_ms).unref();
        onSignal();
        resolve();
      });
    }
  });
}
