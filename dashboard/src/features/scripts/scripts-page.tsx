import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Archive, FileCode, Play, Plus, SearchX } from "lucide-react";
import { useMemo, useState } from "react";
import { DataTable, rowsOf } from "@/components/data-table/data-table";
import { EmptyState } from "@/components/feedback";
import { useCannot } from "@/components/me";
import { FilterBar, Page } from "@/components/page";
import { RunScriptDialog } from "@/components/script/run-script-dialog";
import { useSearchText } from "@/components/use-search-text";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { SearchInput } from "@/ui/input";
import { Segmented } from "@/ui/segmented";
import { toggleFolder, useClosedFolders } from "./closed-folders";
import { DropArea } from "./drop-area";
import { type LibraryRow, libraryRows } from "./folders";
import { ImportDialog } from "./import-dialog";
import { ImportMenu, StarterButton } from "./import-menu";
import { LibraryCompact, libraryColumns } from "./library-columns";
import { useImports } from "./use-imports";
import { useLibrary } from "./use-library";

const COLUMNS = libraryColumns(toggleFolder);
const rowId = (row: LibraryRow) => row.id;
const rowLabel = (row: LibraryRow) => (row.kind === "folder" ? row.name : row.script.name);

/** The library of scripts, by folder. */
export function ScriptsPage() {
  const { search: words, show } = useSearch({ from: "/app/scripts" });
  const navigate = useNavigate({ from: "/scripts" });
  const set = (change: object, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  const [text, setText] = useSearchText(words, (next) => set({ search: next }, true));
  const query = useMemo(
    () => ({ ...(words ? { search: words } : {}), ...(show ? { archived: true } : {}) }),
    [words, show],
  );
  const list = useLibrary(query);
  const closed = useClosedFolders();
  const scripts = useMemo(() => rowsOf(list.data), [list.data]);
  // What is looked for is seen, also where it lies in a folder that is closed.
  const rows = libraryRows(scripts, (path) => !words && closed.has(path));
  const imports = useImports();
  const [dialog, setDialog] = useState<"import" | "run">();
  const close = () => setDialog(undefined);
  const cannotEdit = useCannot("scripts.edit");
  const cannotRun = useCannot("scripts.run");
  const openImport = () => {
    if (!imports.isRunning) imports.clear();
    setDialog("import");
  };
  const open = (row: LibraryRow) => {
    if (row.kind === "folder") toggleFolder(row.path);
    else void navigate({ to: "/scripts/$id", params: { id: row.script.id } });
  };
  return (
    <Page
      isHeadingLong
      title="Scripts"
      subtitle="Saved scripts, in versions. The approved version is the one that runs."
      actions={
        <>
          <ImportMenu cannot={cannotEdit} onFiles={openImport} />
          <NewScript cannot={cannotEdit} />
          <Button disabledReason={cannotRun} onClick={() => setDialog("run")}>
            <Play /> Run…
          </Button>
        </>
      }
    >
      <DropArea
        cannot={cannotEdit}
        onFiles={(files) => {
          openImport();
          imports.add(files);
        }}
      >
        <FilterBar>
          <SearchInput
            value={text}
            onValue={setText}
            aria-label="Search scripts"
            placeholder="Name, folder or description"
            className="w-64 max-sm:w-full"
          />
          <Segmented
            label="Which scripts"
            value={show ?? "library"}
            onValue={(next) => set({ show: next === "library" ? undefined : next })}
            options={[
              { value: "library", label: "In the library" },
              { value: "archived", label: "Put away" },
            ]}
          />
        </FilterBar>
        <DataTable
          label="Scripts"
          noun="scripts"
          query={{
            ...list,
            data: list.data && { pages: [{ items: rows }], pageParams: [null] },
            // They are all read by themselves.
            hasNextPage: false,
          }}
          view={query}
          summary={plural(scripts.length, "script")}
          columns={COLUMNS}
          rowId={rowId}
          rowLabel={rowLabel}
          compact={(row) => <LibraryCompact row={row} onToggle={toggleFolder} />}
          onRow={open}
          empty={
            <NoScripts
              isSearched={Boolean(words)}
              isArchived={show !== undefined}
              cannot={cannotEdit}
              onClear={() => set({ search: undefined })}
              onFiles={openImport}
            />
          }
        />
      </DropArea>
      {dialog === "import" && <ImportDialog imports={imports} onClose={close} />}
      {dialog === "run" && <RunScriptDialog onClose={close} />}
    </Page>
  );
}

function NewScript({ cannot, isFirst = false }: { cannot: string | undefined; isFirst?: boolean }) {
  const variant = isFirst ? "primary" : "secondary";
  if (cannot) {
    return (
      <Button variant={variant} disabledReason={cannot}>
        <Plus /> New script
      </Button>
    );
  }
  return (
    <Button variant={variant} asChild>
      <Link to="/scripts/new">
        <Plus /> New script
      </Link>
    </Button>
  );
}

interface NoScriptsProps {
  isSearched: boolean;
  isArchived: boolean;
  cannot: string | undefined;
  onClear: () => void;
  onFiles: () => void;
}

function NoScripts({ isSearched, isArchived, cannot, onClear, onFiles }: NoScriptsProps) {
  if (isSearched) {
    return (
      <EmptyState icon={SearchX} title="Nothing matches" action={<Button onClick={onClear}>Remove the search</Button>}>
        No script has these words in its name, its folder or its description.
      </EmptyState>
    );
  }
  if (isArchived) {
    return (
      <EmptyState icon={Archive} title="Nothing was put away">
        A script that is not needed any more can be put away by its settings.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={FileCode}
      title="No script yet"
      action={
        <>
          <NewScript cannot={cannot} isFirst />
          <Button disabledReason={cannot} onClick={onFiles}>
            Import files
          </Button>
          <StarterButton cannot={cannot} />
        </>
      }
    >
      Write one, bring your own as files, or begin with a set of useful ones. What is saved runs for others when
      somebody has approved it.
    </EmptyState>
  );
}
