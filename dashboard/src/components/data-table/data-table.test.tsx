import { act, fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "@/api/problem";
import { MenuItem } from "@/ui/menu";
import { TooltipProvider } from "@/ui/tooltip";
import { type Column, nextSort } from "./column";
import { DataTable, type DataTableProps } from "./data-table";

interface Row {
  id: string;
  name: string;
}

const COLUMNS: Column<Row>[] = [
  {
    id: "name",
    header: "Name",
    width: 100,
    isFixed: true,
    sort: "name",
    cell: (row) => <a href={`#${row.id}`}>{row.name}</a>,
  },
  { id: "id", header: "Id", width: 100, cell: (row) => row.id },
];
const rows = (count: number): Row[] =>
  Array.from({ length: count }, (_, index) => ({ id: `r${index}`, name: `Row ${index}` }));

type Query = DataTableProps<Row>["query"];

function query(change: object): Query {
  return {
    data: undefined,
    error: null,
    isPending: false,
    isPlaceholderData: false,
    hasNextPage: false,
    isFetchingNextPage: false,
    isFetchNextPageError: false,
    fetchNextPage: vi.fn(),
    refetch: vi.fn(),
    ...change,
  } as unknown as Query;
}
const loaded = (count: number, total = count) => ({
  data: { pages: [{ items: rows(count), next: null, count: total }], pageParams: [null] },
});

const show = (props: Partial<DataTableProps<Row>>) => render(table(props));

function table(props: Partial<DataTableProps<Row>>) {
  return (
    <TooltipProvider>
      <DataTable
        label="Things"
        noun="things"
        query={query({})}
        columns={COLUMNS}
        rowId={(row) => row.id}
        rowLabel={(row) => row.name}
        compact={(row) => row.name}
        empty={<p>Make the first thing</p>}
        {...props}
      />
    </TooltipProvider>
  );
}

beforeEach(() => {
  // The document of the tests has no layout: the table is as large as on a screen.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1200);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(720);
  vi.spyOn(HTMLElement.prototype, "scrollHeight", "get").mockReturnValue(100_000);
});

describe("DataTable", () => {
  it("shows that it is loading, then the next step when there is nothing", () => {
    const { rerender: _, unmount } = show({ query: query({ isPending: true }) });
    expect(screen.getByText("Loading…")).toBeTruthy();
    unmount();
    show({ query: query(loaded(0)) });
    expect(screen.getByText("Make the first thing")).toBeTruthy();
  });

  it("shows an error with a way to try again", async () => {
    const refetch = vi.fn();
    show({ query: query({ error: new ApiError({ status: 503, code: "unavailable", detail: "x" }), refetch }) });
    expect(screen.getByRole("alert").textContent).toContain("The server is not ready");
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(refetch).toHaveBeenCalledOnce();
  });

  it("follows the scrolling of rows that were there at once", () => {
    show({ query: query(loaded(500)) });
    fireEvent.scroll(screen.getByRole("region", { name: "Things, scrolling" }), { target: { scrollTop: 9000 } });
    expect(screen.getByRole("link", { name: "Row 255" })).toBeTruthy();
  });

  it("keeps few rows of many in the document, and tells how many there are", () => {
    show({ query: query(loaded(500, 100_000)) });
    const table = screen.getByRole("table", { name: "Things" });
    expect(table.getAttribute("aria-rowcount")).toBe("100001");
    expect(screen.getByText("500 of 100,000 things")).toBeTruthy();
    expect(table.querySelectorAll("tr[data-row]").length).toBeLessThan(100);
  });

  it("sorts by a click on the header and tells the order", async () => {
    const onSort = vi.fn();
    show({ query: query(loaded(2)), sort: { by: "name", order: "asc" }, onSort });
    expect(screen.getByRole("columnheader", { name: "Name" }).getAttribute("aria-sort")).toBe("ascending");
    await userEvent.click(screen.getByRole("button", { name: "Name" }));
    expect(onSort).toHaveBeenCalledWith({ by: "name", order: "desc" });
    expect(nextSort({ by: "name", order: "desc" }, "cpu")).toEqual({ by: "cpu", order: "asc" });
  });

  it("selects rows, one and all", async () => {
    const onChange = vi.fn();
    show({ query: query(loaded(3)), selection: { ids: new Set(["r1"]), onChange } });
    await userEvent.click(screen.getByRole("checkbox", { name: "Select Row 0" }));
    expect(onChange).toHaveBeenLastCalledWith(new Set(["r1", "r0"]));
    await userEvent.click(screen.getByRole("checkbox", { name: "Select all loaded rows" }));
    expect(onChange).toHaveBeenLastCalledWith(new Set(["r0", "r1", "r2"]));
  });

  it("renders a row anew only when it has changed", async () => {
    const rendered: string[] = [];
    const columns: Column<Row>[] = [
      {
        id: "name",
        header: "Name",
        width: 100,
        cell: (row) => {
          rendered.push(row.name);
          return row.name;
        },
      },
    ];
    const { data } = loaded(3);
    const onChange = vi.fn();
    const onRow = vi.fn();
    const show = (page: (typeof data.pages)[number]) =>
      table({
        columns,
        query: query({ data: { ...data, pages: [page] } }),
        selection: { ids: new Set(), onChange },
        onRow: (row) => onRow(row),
      });
    const [page] = data.pages as [(typeof data.pages)[number]];
    const { rerender } = render(show(page));
    rendered.length = 0;
    const items = page.items.map((row, index) => (index === 1 ? { ...row, name: "Changed" } : row));
    rerender(show({ ...page, items }));
    expect(rendered).toEqual(["Changed"]);
    await userEvent.click(screen.getByRole("checkbox", { name: "Select Changed" }));
    expect(onChange).toHaveBeenCalledWith(new Set(["r1"]));
    await userEvent.click(screen.getByText("Row 2"));
    expect(onRow).toHaveBeenCalledWith(items[2]);
  });

  it("renders a row of the list on a narrow screen anew only when it has changed", async () => {
    vi.spyOn(window, "matchMedia").mockImplementation(
      (media) => Object.assign(new EventTarget(), { media, matches: true }) as unknown as MediaQueryList,
    );
    const rendered: string[] = [];
    const compact = (row: Row) => {
      rendered.push(row.name);
      return row.name;
    };
    const { data } = loaded(3);
    const onChange = vi.fn();
    const [page] = data.pages as [(typeof data.pages)[number]];
    const list = (items: Row[]) =>
      table({
        compact,
        query: query({ data: { ...data, pages: [{ ...page, items }] } }),
        selection: { ids: new Set(["r0"]), onChange },
      });
    const { rerender } = render(list(page.items));
    rendered.length = 0;
    rerender(list(page.items.map((row, index) => (index === 1 ? { ...row, name: "Changed" } : row))));
    expect(rendered).toEqual(["Changed"]);
    await userEvent.click(screen.getByRole("checkbox", { name: "Select Changed" }));
    expect(onChange).toHaveBeenCalledWith(new Set(["r0", "r1"]));
  });

  it("has one menu for all rows, and renders no other row anew when it opens", async () => {
    const rendered: string[] = [];
    const columns: Column<Row>[] = [
      {
        id: "name",
        header: "Name",
        width: 100,
        cell: (row) => {
          rendered.push(row.name);
          return row.name;
        },
      },
    ];
    const rowMenu = (row: Row) => <MenuItem onSelect={() => {}}>Open {row.name}</MenuItem>;
    show({ columns, query: query(loaded(3)), rowMenu });
    const table = screen.getByRole("table");
    expect(table.getAttribute("aria-colcount")).toBe("2");
    expect(screen.getByRole("columnheader", { name: "Actions" })).toBeTruthy();
    rendered.length = 0;
    await userEvent.click(screen.getByRole("button", { name: "Actions for Row 1" }));
    expect(await screen.findByRole("menuitem", { name: "Open Row 1" })).toBeTruthy();
    expect(rendered).toEqual(["Row 1"]);
    await userEvent.keyboard("{Escape}");
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("Actions for Row 1"));
    // without a mouse there is a key for it
    fireEvent.contextMenu(screen.getByText("Row 2"));
    expect(await screen.findByRole("menuitem", { name: "Open Row 2" })).toBeTruthy();
  });

  it("moves between rows with the arrow keys", async () => {
    show({ query: query(loaded(3)) });
    screen.getByRole("link", { name: "Row 0" }).focus();
    await userEvent.keyboard("{ArrowDown}{ArrowDown}{ArrowUp}");
    expect(document.activeElement?.textContent).toBe("Row 1");
  });

  it("reads another view from its top", () => {
    const { rerender } = show({ query: query(loaded(500)), view: { search: "a" } });
    const scroller = screen.getByRole("region", { name: "Things, scrolling" });
    fireEvent.scroll(scroller, { target: { scrollTop: 3000 } });
    rerender(table({ query: query(loaded(600)), view: { search: "a" } }));
    expect(scroller.scrollTop).toBe(3000);
    rerender(table({ query: query(loaded(500)), view: { search: "ab" } }));
    expect(scroller.scrollTop).toBe(0);
    fireEvent.scroll(scroller, { target: { scrollTop: 3000 } });
    rerender(table({ query: query(loaded(500)), view: { search: "ab" }, sort: { by: "cpu", order: "asc" } }));
    expect(scroller.scrollTop).toBe(0);
  });

  it("keeps the focused row in the document, and the focus with it, when it is scrolled out of view", async () => {
    show({ query: query(loaded(500)) });
    const scroller = screen.getByRole("region", { name: "Things, scrolling" });
    const link = screen.getByRole("link", { name: "Row 3" });
    act(() => link.focus());
    fireEvent.scroll(scroller, { target: { scrollTop: 9000 } });
    expect(screen.getByRole("link", { name: "Row 255" })).toBeTruthy();
    expect(screen.queryByRole("link", { name: "Row 4" })).toBeNull();
    expect(document.activeElement).toBe(link);
    await userEvent.keyboard("{ArrowDown}");
    expect(screen.queryByRole("link", { name: "Row 3" })).toBeNull();
  });
});
