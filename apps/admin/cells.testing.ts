/** The texts of a page's first table body, row by row, amounts without their commas. */
export function cellsOf(page: string): string[][] {
  const body = /<tbody>(.*?)<\/tbody>/s.exec(page)?.[1] ?? "";
  return [...body.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = ""]) =>
    [...row.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell = ""]) =>
      plain(cell.replace(/<span class="visually-hidden">none<\/span>|–/g, "").replace(/<[^>]+>/g, "")),
    ),
  );
}

/** As read by people: "1,000.50" and "1000.50" are one amount. */
export function plain(text: string): string {
  return text.replaceAll(",", "");
}
