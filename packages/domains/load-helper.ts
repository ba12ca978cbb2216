// Runs as a process that helps with a large load, with the contracts of the one list of domains.
import { contractRegistry, logEvents } from "@jukebase/events";
import { serveLoad } from "@jukebase/events/load-helper.ts";
import { domains } from "./index.ts";

await serveLoad(contractRegistry([...domains.flatMap((domain) => domain.events), ...logEvents]));
