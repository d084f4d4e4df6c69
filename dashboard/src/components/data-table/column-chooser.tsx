import { Columns3 } from "lucide-react";
import { Button } from "@/ui/button";
import { Menu, MenuCheck, MenuLabel } from "@/ui/menu";
import type { Column } from "./column";

interface ColumnChooserProps<Row> {
  columns: Column<Row>[];
  isVisible: (column: Column<Row>) => boolean;
  setVisible: (id: string, on: boolean) => void;
}

export function ColumnChooser<Row>({ columns, isVisible, setVisible }: ColumnChooserProps<Row>) {
  return (
    <Menu
      label="Columns"
      trigger={
        <Button className="max-md:hidden">
          <Columns3 /> Columns
        </Button>
      }
    >
      <MenuLabel>Show columns</MenuLabel>
      {columns
        .filter((column) => !column.isFixed)
        .map((column) => (
          <MenuCheck key={column.id} checked={isVisible(column)} onChecked={(on) => setVisible(column.id, on)}>
            {column.header}
          </MenuCheck>
        ))}
    </Menu>
  );
}
