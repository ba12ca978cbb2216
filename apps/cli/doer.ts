import { userInfo } from "node:os";
import type { Doer } from "@jukebase/events";

/** Who runs this command, for the audit log, and why where that was said. */
export function doer(why?: string): Doer {
  return { actor: `cli:${systemUser()}`, why };
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? "unknown"}`; // A container may run as a user that has no name.
  }
}
