import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Bookmark } from "lucide-react";
import { useState } from "react";
import { q } from "@/api/client";
import type { SavedView } from "@/api/types";
import type { ColumnChoice } from "@/components/data-table/use-columns";
import type { Scope } from "@/components/scope";
import { Button } from "@/ui/button";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "@/ui/menu";
import { useLocalViewsTakenOver } from "./local-views";
import { ManageViewsDialog } from "./manage-views-dialog";
import { SaveViewDialog } from "./save-view-dialog";
import { type MachinesSearch, machinesSearch } from "./search";

interface SavedViewsProps {
  search: MachinesSearch & Scope;
  columns: ColumnChoice;
  onColumns: (columns: ColumnChoice) => void;
}

/** Named addresses of the fleet table with their columns: one's own, and those that the organisation shares. */
export function SavedViews({ search, columns, onColumns }: SavedViewsProps) {
  useLocalViewsTakenOver();
  const query = useQuery(q("saved_view_list", {}));
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<"save" | "manage">();
  const views = query.data?.items ?? [];
  const close = () => setDialog(undefined);
  const open = (view: SavedView) => {
    onColumns(view.columns);
    const { client_id, site_id } = view.search;
    // Every key is named, so that the view's own scope replaces the present one.
    void navigate({ to: "/machines", search: { ...machinesSearch.parse(view.search), client_id, site_id } });
  };
  const groups = [
    { label: "Your views", items: views.filter((view) => view.is_own) },
    { label: "Shared views", items: views.filter((view) => !view.is_own) },
  ].filter(({ items }) => items.length > 0);
  return (
    <>
      <Menu
        label="Saved views"
        trigger={
          <Button>
            <Bookmark /> Views
          </Button>
        }
      >
        {query.isPending && <MenuLabel>Loading…</MenuLabel>}
        {query.isError && <MenuLabel>The views could not be loaded.</MenuLabel>}
        {groups.map(({ label, items }) => (
          <div key={label} role="presentation">
            <MenuLabel>{label}</MenuLabel>
            {items.map((view) => (
              <MenuItem key={view.id} onSelect={() => open(view)}>
                <span className="max-w-64 truncate">{view.name}</span>
              </MenuItem>
            ))}
          </div>
        ))}
        {groups.length > 0 && <MenuSeparator />}
        <MenuItem onSelect={() => setDialog("save")}>Save this view…</MenuItem>
        {views.length > 0 && <MenuItem onSelect={() => setDialog("manage")}>Manage views…</MenuItem>}
      </Menu>
      {dialog === "save" && <SaveViewDialog views={views} search={search} columns={columns} onClose={close} />}
      {dialog === "manage" && <ManageViewsDialog views={views} onClose={close} />}
    </>
  );
}
