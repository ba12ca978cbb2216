// Runs docker-compose.yml for real: `npm run task -- containers`. Builds the images, brings everything up under a name, with
// secrets and on ports of its own, sends an event with a key that the command line in the container made, sees it in a report,
// restarts the worker, sees the next one, and takes everything down again. Not a part of the tests: it needs an engine and a network.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const project = "jukebase-trial";
const minutes = 60_000;
const started = performance.now();
// While a program runs here nothing is heard of a connection that the server ends; so none is kept.
const once = { connection: "close" };

/** What stops the trial, in words for a person. */
class Failed extends Error {}

process.exitCode = await trial().catch((error) => {
  if (!(error instanceof Failed)) throw error;
  say(`Failed: ${error.message}`);
  return 1;
});

async function trial() {
  const compose = composeCommand();
  say(`Compose is \`${compose.join(" ")}\`; the project is ${project}.`);
  const [api, admin, mail] = await freePorts(3);
  const secrets = mkdtempSync(join(root, "infra", "docker", "secrets-trial-"));
  const env = {
    ...process.env,
    COMPOSE_PROJECT_NAME: project,
    SECRETS: secrets,
    API_PORT: api,
    ADMIN_PORT: admin,
    MAIL_PORT: mail,
  };
  const run = (args, most = 2 * minutes) => runBounded([...compose, ...args], { env, most });
  try {
    runBounded(["sh", join(root, "infra", "docker", "secrets.sh"), secrets], { env, most: minutes });
    step("Building the images");
    run(["build"], 20 * minutes);
    step("Bringing everything up");
    run(["up", "--detach"], 10 * minutes);
    await follow(run, { api: `http://127.0.0.1:${api}`, admin: `http://127.0.0.1:${admin}`, mail: `http://127.0.0.1:${mail}` });
    say("Everything held.");
    return 0;
  } catch (error) {
    const logs = spawnSync(compose[0], [...compose.slice(1), "logs", "--tail=40"], { cwd: root, env, encoding: "utf8" });
    say(`The last lines of each container:\n${logs.stdout}${logs.stderr}`);
    throw error;
  } finally {
    step("Taking everything down, with its volumes");
    run(["down", "--volumes"]);
    rmSync(secrets, { recursive: true, force: true });
  }
}

async function follow(run, { api, admin, mail }) {
  step("Waiting until API, console, worker and mail catcher answer");
  await until("the API to be ready", () => answers(`${api}/ready`));
  await until("the console", () => answers(`${admin}/health`));
  await until("the worker", () => workerIsHealthy(run));
  await until("the mail catcher", () => listens(mail));

  step("Making an API key in the container");
  const made = run(["exec", "-T", "api", "jukebase", "key", "create", "trial", "--source", "trial", "--json"]);
  const key = JSON.parse(made.slice(made.indexOf("{"))).secret;
  if (typeof key !== "string") throw new Failed("The command line made no key.");

  step("Sending an event, and waiting for it in a report");
  await send(api, key, "T-1", "25.00");
  await until("25.00 in the report cash-received", () => reports(api, key, "25.00"));

  step("Restarting the worker, and sending another one in the meantime");
  run(["stop", "worker"]);
  await send(api, key, "T-2", "17.50");
  await send(api, key, "T-1", "25.00", "duplicate");
  run(["start", "worker"]);
  await until("42.50 in the report", () => reports(api, key, "42.50"));
  await until("the worker", () => workerIsHealthy(run));

  step("Asking the doctor");
  run(["exec", "-T", "api", "jukebase", "doctor"]);

  step("Stopping in order");
  run(["stop", "api", "admin", "worker"]);
  const logs = run(["logs", "api", "admin", "worker"]);
  for (const what of ["The API", "The console", "The worker"]) {
    if (!logs.includes(`${what} has stopped.`)) throw new Failed(`${what} did not stop in order.`);
  }
}

async function send(api, key, id, amount, expected = "accepted") {
  const data = { PaymentId: id, DeviceId: 100, PaymentAmount: amount, OccurredAt: "2026-04-03T10:00:00Z" };
  const response = await fetch(`${api}/v1/events`, {
    method: "POST",
    headers: { ...once, authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ type: "Payment.PaymentReceived", id, data }),
    signal: AbortSignal.timeout(10_000),
  });
  const answer = await response.json();
  const status = answer.results?.[0]?.status;
  if (status !== expected)
    throw new Failed(`The event ${id} was to be ${expected}: ${response.status} ${JSON.stringify(answer)}`);
  say(`  ${id} is ${status}.`);
}

async function reports(api, key, amount) {
  const response = await fetch(`${api}/v1/reports/cash-received`, {
    headers: { ...once, authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(10_000),
  });
  return response.ok && (await response.json()).rows.some((row) => row.amount === amount);
}

async function answers(url) {
  const response = await fetch(url, { headers: once, signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  return response?.ok === true;
}

// Which pages a mail catcher has is its own affair.
async function listens(url) {
  return (await fetch(url, { headers: once, signal: AbortSignal.timeout(5_000) }).catch(() => undefined)) !== undefined;
}

function workerIsHealthy(run) {
  try {
    run(["exec", "-T", "worker", "node", "/jukebase/infra/docker/healthcheck.mjs", "http://127.0.0.1:7430/health"]);
    return true;
  } catch (error) {
    if (error instanceof Failed) return false; // It is asked again, and given up after two minutes.
    throw error;
  }
}

/** Asks each half second, for two minutes at most. */
async function until(what, ask) {
  const end = performance.now() + 2 * minutes;
  while (!(await ask())) {
    if (performance.now() > end) throw new Failed(`Waited in vain for ${what}.`);
    await pause(500);
  }
  say(`  There: ${what}.`);
}

/** Docker's own plugin, else the older program, else podman's. */
function composeCommand() {
  const candidates = [["docker", "compose"], ["docker-compose"], ["podman-compose"]];
  const found = candidates.find(
    ([program, ...args]) => spawnSync(program, [...args, "version"], { timeout: 20_000 }).status === 0,
  );
  if (found === undefined)
    throw new Failed(
      "There is no `docker compose`, `docker-compose` or `podman-compose` on PATH. Install one of them, then run this again.",
    );
  return found;
}

/** Runs a program within the project and for at most so long; returns what it printed. */
function runBounded([program, ...args], { env, most }) {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    env,
    encoding: "utf8",
    timeout: most,
    maxBuffer: 2 ** 28,
  });
  if (error?.code === "ETIMEDOUT") throw new Failed(`\`${program} ${args.join(" ")}\` took longer than ${most / 1000} s.`);
  if (error) throw new Failed(`\`${program}\` could not be run: ${error.message}`);
  if (status !== 0) throw new Failed(`\`${program} ${args.join(" ")}\` ended with ${status}:\n${tail(stdout + stderr)}`);
  return stdout;
}

function tail(text) {
  return text.trimEnd().split("\n").slice(-30).join("\n");
}

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve) => {
          const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => String(server.address().port));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function step(title) {
  say(`== ${title} (${Math.round((performance.now() - started) / 1000)} s)`);
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
