import type { AddCommand } from "../cli.ts";
import { addMartsArtifacts } from "./marts-artifacts.ts";
import { addMartsBuild } from "./marts-build.ts";
import { addMartsDiff } from "./marts-diff.ts";
import { addMartsDocs } from "./marts-docs.ts";
import { addMartsEnv } from "./marts-env.ts";
import { addMartsLineage } from "./marts-lineage.ts";
import { addMartsList } from "./marts-list.ts";
import { addMartsRefresh } from "./marts-refresh.ts";
import { addMartsRefreshes } from "./marts-refreshes.ts";
import { addMartsTest } from "./marts-test.ts";

/** `jukebase marts`: the documented relations that reports and BI read. */
export const martsCommand: AddCommand = (program, cli) => {
  const command = program.command("marts").description("The marts: how they stand, build, refresh, test, docs, lineage");
  addMartsList(command, cli);
  addMartsBuild(command, cli);
  addMartsEnv(command, cli);
  addMartsRefresh(command, cli);
  addMartsRefreshes(command, cli);
  addMartsTest(command, cli);
  addMartsDiff(command, cli);
  addMartsArtifacts(command, cli);
  addMartsLineage(command, cli);
  addMartsDocs(command, cli);
};
