import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { columnsOf, fileOf } from "./define-mart.ts";
import { relationsIn } from "./lineage/relations.ts";

/** Something that is not described: the mart's file, or the view in the database, and what is missing there. */
export type Undocumented = { readonly place: string; readonly problem: string };

/** What is not described: in the source of the marts, and as comments on the views that stand for them in the database. */
export async function undocumented(db: Executor, marts: readonly Mart[]): Promise<Undocumented[]> {
  const views = new Map((await relationsIn(db, "marts", "views")).map((view) => [view.name, view]));
  return marts.flatMap((mart) => {
    const view = views.get(`marts.${mart.name}`);
    const here = missingIn(mart).map((problem) => ({ place: fileOf(mart), problem }));
    if (view === undefined) return [...here, { place: `marts.${mart.name}`, problem: "is not built: jukebase marts build" }];
    const bare = view.columns.filter(({ comment }) => isBlank(comment)).map(({ name }) => `column ${name} has no comment`);
    const there = [...(isBlank(view.comment) ? ["it has no comment"] : []), ...bare];
    return [...here, ...there.map((problem) => ({ place: view.name, problem }))];
  });
}

function missingIn(mart: Mart): string[] {
  const own = (["description", "grain", "owner"] as const)
    .filter((text) => isBlank(mart[text]))
    .map((text) => `${text} is empty`);
  const columns = columnsOf(mart).filter(({ description }) => isBlank(description));
  return [...own, ...columns.map(({ name }) => `column ${name} has no description (.describe)`)];
}

function isBlank(text: string | null): boolean {
  return (text ?? "").trim() === "";
}
