import type { AddCommand } from "../cli.ts";
import { addBiDoctor } from "./bi-doctor.ts";
import { addBiRole } from "./bi-role.ts";
import { addBiUse } from "./bi-use.ts";

/** `jukebase bi`: the logins of BI tools, what they may do, and what they read. */
export const biCommand: AddCommand = (program, cli) => {
  const command = program.command("bi").description("BI tools: a login for each, what it may do, and which marts it reads");
  addBiRole(command, cli);
  addBiDoctor(command, cli);
  addBiUse(command, cli);
};
