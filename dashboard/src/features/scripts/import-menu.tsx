import { BookPlus, FileUp, Import } from "lucide-react";
import { useAction } from "@/components/use-action";
import { Button } from "@/ui/button";
import { Menu, MenuItem } from "@/ui/menu";
import { STALE } from "./stale";

/** Puts the scripts to begin with into the library. */
function useStarter() {
  return useAction("script_import_starter", {
    stale: STALE,
    done: ({ created, new_versions, unchanged }) =>
      `Starter set: ${created} created, ${new_versions} with a new version, ${unchanged} unchanged`,
  });
}

interface ImportMenuProps {
  cannot: string | undefined;
  onFiles: () => void;
}

export function ImportMenu({ cannot, onFiles }: ImportMenuProps) {
  const starter = useStarter();
  return (
    <Menu
      label="Import"
      trigger={
        <Button isPending={starter.isPending}>
          <Import /> Import
        </Button>
      }
    >
      <MenuItem disabledReason={cannot} onSelect={onFiles}>
        <FileUp /> Files…
      </MenuItem>
      <MenuItem disabledReason={cannot} onSelect={() => starter.mutate({})}>
        <BookPlus /> Starter set
      </MenuItem>
    </Menu>
  );
}

export function StarterButton({ cannot }: { cannot: string | undefined }) {
  const starter = useStarter();
  return (
    <Button disabledReason={cannot} isPending={starter.isPending} onClick={() => starter.mutate({})}>
      <BookPlus /> Add the starter set
    </Button>
  );
}
