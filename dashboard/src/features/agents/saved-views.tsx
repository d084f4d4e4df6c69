import { useNavigate } from "@tanstack/react-router";
import { Bookmark, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { type ColumnChoice, isColumnChoice } from "@/components/data-table/use-columns";
import type { Scope } from "@/components/scope";
import { createStore, useStore } from "@/lib/store";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "@/ui/menu";
import type { MachinesSearch } from "./search";

type ViewSearch = MachinesSearch & Scope;

interface SavedView {
  name: string;
  search: ViewSearch;
  /** Views that were saved before columns belonged to them have none. */
  columns?: ColumnChoice;
}

const isViews = (value: unknown): value is SavedView[] =>
  Array.isArray(value) &&
  value.every(
    (view) =>
      typeof view === "object" &&
      view !== null &&
      typeof view.name === "string" &&
      typeof view.search === "object" &&
      (view.columns === undefined || isColumnChoice(view.columns)),
  );

const viewStore = createStore<SavedView[]>([], "gururmm.views.machines", isViews);

interface SavedViewsProps {
  search: ViewSearch;
  columns: ColumnChoice;
  onColumns: (columns: ColumnChoice) => void;
}

/** Named addresses of the fleet table with their columns, kept in this browser. */
export function SavedViews({ search, columns, onColumns }: SavedViewsProps) {
  const views = useStore(viewStore);
  const navigate = useNavigate();
  const [isNaming, setNaming] = useState(false);
  const [isManaging, setManaging] = useState(false);
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
        {views.length > 0 && <MenuLabel>Saved views</MenuLabel>}
        {views.map((view) => (
          <MenuItem
            key={view.name}
            onSelect={() => {
              if (view.columns) onColumns(view.columns);
              // Every key is named, so that the view's own scope replaces the present one.
              void navigate({ to: "/machines", search: { client_id: undefined, site_id: undefined, ...view.search } });
            }}
          >
            {view.name}
          </MenuItem>
        ))}
        {views.length > 0 && <MenuSeparator />}
        <MenuItem onSelect={() => setNaming(true)}>Save this view…</MenuItem>
        {views.length > 0 && <MenuItem onSelect={() => setManaging(true)}>Remove views…</MenuItem>}
      </Menu>
      {isNaming && (
        <NameDialog
          onClose={() => setNaming(false)}
          onName={(name) =>
            viewStore.set((all) => [...all.filter((view) => view.name !== name), { name, search, columns }])
          }
        />
      )}
      <Dialog
        isOpen={isManaging}
        onClose={() => setManaging(false)}
        title="Remove views"
        description="Views are kept in this browser only."
      >
        <ul className="flex flex-col gap-1">
          {views.map((view) => (
            <li key={view.name} className="flex items-center gap-2">
              <span className="min-w-0 flex-1 truncate">{view.name}</span>
              <Button
                variant="danger"
                size="sm"
                aria-label={`Remove ${view.name}`}
                onClick={() => viewStore.set((all) => all.filter((other) => other.name !== view.name))}
              >
                <Trash2 /> Remove
              </Button>
            </li>
          ))}
          {views.length === 0 && <li className="text-soft">No view is left.</li>}
        </ul>
      </Dialog>
    </>
  );
}

function NameDialog({ onClose, onName }: { onClose: () => void; onName: (name: string) => void }) {
  const [name, setName] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!name.trim()) return;
    onName(name.trim());
    onClose();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Save this view"
      description="Keeps the search, the filters, the order, the columns and the chosen client or site."
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field label="Name of the view" hint="A view of the same name is replaced.">
          {(control) => (
            <Input
              {...control}
              value={name}
              onChange={(event) => setName(event.target.value)}
              autoFocus
              maxLength={60}
            />
          )}
        </Field>
        <div className="flex justify-end">
          <Button type="submit" variant="primary" disabledReason={!name.trim() && "Write a name first."}>
            Save view
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
