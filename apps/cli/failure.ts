import { Conflict, Invalid, NotFound, withoutPassword } from "@jukebase/platform";
import { CommanderError } from "commander";

/** How a command that failed ends: what to say, of which kind, with which exit code. */
export type Failure = {
  readonly kind: "Invalid" | "NotFound" | "Conflict" | "Failed";
  readonly message: string;
  readonly code: number;
};

/** What an error means for whoever gave the command; undefined where it is none (help and version end a command, too). */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof CommanderError) return failureOfParsing(error);
  const message = withoutPassword(error instanceof Error ? messageOf(error) : String(error));
  if (error instanceof Invalid) return { kind: "Invalid", message, code: 2 };
  if (error instanceof NotFound) return { kind: "NotFound", message, code: 4 };
  if (error instanceof Conflict) return { kind: "Conflict", message, code: 5 };
  return { kind: "Failed", message, code: 1 };
}

function failureOfParsing({ code, exitCode, message }: CommanderError): Failure | undefined {
  if (exitCode === 0) return undefined;
  if (code === "commander.help") return { kind: "Invalid", message: "Say which command; --help lists them.", code: 2 };
  return { kind: "Invalid", message: message.replace(/^error: /, ""), code: 2 };
}

// Of several tries (IPv4 and IPv6, say) the outer error says nothing.
function messageOf(error: Error): string {
  const inner = error instanceof AggregateError ? error.errors.map((each: Error) => each.message).join("; ") : "";
  return error.message || inner || error.name;
}
