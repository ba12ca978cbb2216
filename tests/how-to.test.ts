import { follow } from "./follow.ts";

follow([
  "docs/how-to/load-large-files.md",
  "docs/how-to/send-events-over-http.md",
  "docs/how-to/personal-data.md",
  "docs/how-to/change-a-contract.md",
  "docs/how-to/questions.md",
  "docs/how-to/rebuild.md",
  "docs/how-to/retention.md",
  "docs/how-to/select-marts.md",
]);
