import { config } from "./config.ts";
import { asksForJson, runCommand } from "./run.ts";
import { processTerminal } from "./terminal.ts";

const argv = process.argv.slice(2);
const complain = (text: string): void => void process.stderr.write(`${text}\n`);

process.exitCode = await runCommand(argv, { terminal: processTerminal(asksForJson(argv)), config, complain });
