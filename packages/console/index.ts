export { type Asset, assetPath, assets, stylesheet } from "./assets.ts";
export { badge, card, code, columns, definitions, notice, steps, type Tone } from "./blocks.ts";
export { businessBound } from "./business-date.ts";
export { type ChartPoint, type ChartProps, type ChartSeries, chart, seriesMax } from "./chart.ts";
export { chartsOfRows } from "./chart-rows.ts";
export { csvOf } from "./csv.ts";
export { type Line, type LinePair, sideBySide } from "./diff.ts";
export { type Exported, type ExportFile, type ExportFormat, exportFile, exportFormats } from "./export.ts";
export { type FilterBarProps, filterBar } from "./filter-bar.ts";
export {
  button,
  buttonLink,
  type Choice,
  checkbox,
  dateField,
  type FormProps,
  form,
  hiddenFields,
  type InputProps,
  selectField,
  textArea,
  textField,
} from "./form.ts";
export { formatInstant, formatMoney, formatNumber, formatValue, heading } from "./format.ts";
export { type GraphBox, type GraphProps, type GraphRow, type GraphWire, graph, graphFile } from "./graph.ts";
export { boxSize } from "./graph-box.ts";
export { attributes, escapeText, Html, type HtmlValue, html, join } from "./html.ts";
export { jsonOf, type ReportJson } from "./json.ts";
export type { Crumb, NavGroup, NavLink } from "./nav.ts";
export { type PageProps, page } from "./page.ts";
export { type PaginationProps, pagination } from "./pagination.ts";
export { downloads, type ReportPageProps, reportPage, rowsShownMax } from "./report-page.ts";
export { parseReportQuery, parseReportView, type Query, type ReportView, reportSearch } from "./report-query.ts";
export { type Sort, sortRows } from "./sort.ts";
export { type StatProps, stat, stats } from "./stat.ts";
export { type TableProps, table } from "./table.ts";
export { displayWidth, terminalTable } from "./terminal.ts";
export { xlsxOf, xlsxRowsMax } from "./xlsx.ts";
