import { failureOf } from "./failure.ts";
import { config } from "./config.ts";
import { makeProgram } from "./program.ts";
import { processTerminal } from "./terminal.ts";

const argv = process.argv.slice(2);
const ownWords = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
const terminal = processTerminal(ownWords.includes("--json"));
const program = makeProgram({ terminal, config, exit: (code) => void (process.exitCode = code) });

try {
  await program.parseAsync(argv.length === 0 ? ["--help"] : argv, { from: "user" });
} catch (error) {
  const failure = failureOf(error);
  if (failure !== undefined) {
    const { kind, message, code } = failure;
    terminal.progress(undefined);
    process.stderr.write(terminal.json ? `${JSON.stringify({ error: { kind, message } })}\n` : `${message}\n`);
    process.exitCode = code;
  }
}
