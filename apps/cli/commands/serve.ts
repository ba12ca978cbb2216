import { type AddCommand, type Cli, examples, untilStopped, wholeNumber, withJukebase } from "../cli.ts";
import { borrowServer } from "../server.ts";
import { startServices } from "../services.ts";

type Options = { readonly apiPort?: number; readonly adminPort?: number };

/** `jukebase serve`: API, console and worker in one process. */
export const serveCommand: AddCommand = (program, cli) => {
  program
    .command("serve")
    .description("Run API, admin console and worker in this process, until Ctrl-C")
    .option(
      "--api-port <port>",
      "of the API; a taken one is passed over for the next (default: JUKEBASE_API_PORT, else 7410)",
      wholeNumber(0),
    )
    .option("--admin-port <port>", "of the console, likewise (default: JUKEBASE_ADMIN_PORT, else 7420)", wholeNumber(0))
    .addHelpText("after", examples("serve", "serve --api-port 8080 --admin-port 8081"))
    .action((options: Options) => serve(cli, options));
};

async function serve(cli: Cli, { apiPort, adminPort }: Options): Promise<void> {
  const { terminal } = cli;
  const config = cli.config();
  const stopped = untilStopped();
  const server = await borrowServer(config, terminal.note);
  try {
    await withJukebase(cli, async (jukebase) => {
      const services = await startServices(jukebase, { api: apiPort ?? config.apiPort, admin: adminPort ?? config.adminPort });
      try {
        terminal.answer({ api: services.api, admin: services.admin });
        terminal.print(`API      ${services.api}`);
        terminal.print(`Console  ${services.admin}`);
        terminal.print("Ctrl-C stops it. A first account: jukebase admin create you@example.com");
        await stopped;
        terminal.note("Stopping …");
      } finally {
        await services.close();
      }
    });
  } finally {
    await server.release();
  }
}
