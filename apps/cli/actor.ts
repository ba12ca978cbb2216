import { userInfo } from "node:os";

/** Who gives commands here, as the audit log names it. */
export function actor(): string {
  return `cli:${userInfo().username}`;
}
