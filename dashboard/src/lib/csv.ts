/** CSV that a spreadsheet opens as text only (RFC 4180, with a guard against formula injection). */

/**
 * Where a cell may begin: at its own beginning, and after whatever a spreadsheet of another country splits at, which it
 * does inside of a cell of ours too. Then what begins a formula, also in its full width.
 */
const FORMULA = /(^|[;,|\t\r\n])(\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g;

/** What a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers. */
export function csvCell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "string") return String(value);
  const guarded = value.replace(FORMULA, "$1'$2").replace(/^[\t\r]/, "'$&");
  return /[",\r\n']/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

export interface CsvColumn<Row> {
  header: string;
  value: (row: Row) => string | number | boolean | null | undefined;
}

/** The byte-order mark makes Excel read UTF-8. */
export function toCsv<Row>(columns: CsvColumn<Row>[], rows: Row[]): string {
  const lines = [
    columns.map((c) => csvCell(c.header)),
    ...rows.map((row) => columns.map((c) => csvCell(c.value(row)))),
  ];
  return `\uFEFF${lines.map((cells) => cells.join(",")).join("\r\n")}\r\n`;
}
