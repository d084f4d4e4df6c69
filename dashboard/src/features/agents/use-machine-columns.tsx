import { useMemo } from "react";
import type { Agent, CustomField } from "@/api/types";
import type { Column } from "@/components/data-table/column";
import { fieldWords } from "@/components/field-value";
import { useCustomFields } from "@/components/use-custom-fields";
import { AGENT_COLUMNS } from "./columns";

function columnOf({ id, name, kind }: CustomField): Column<Agent> {
  return {
    id: `field.${id}`,
    header: name,
    width: 130,
    isHidden: true,
    ...(kind === "number" ? { align: "right" as const } : {}),
    cell: ({ custom_fields }) => {
      const value = custom_fields[id];
      return value === undefined ? <span className="text-soft">—</span> : fieldWords(kind, value);
    },
  };
}

/** Custom fields stand beside the tags: what people have added, before what machines report. */
const AFTER_TAGS = AGENT_COLUMNS.findIndex(({ id }) => id === "tags") + 1;

/** Every column of the table of machines: what machines report, their tags, and the organisation's custom fields. */
export function useMachineColumns(): Column<Agent>[] {
  const fields = useCustomFields();
  return useMemo(
    () => [...AGENT_COLUMNS.slice(0, AFTER_TAGS), ...fields.map(columnOf), ...AGENT_COLUMNS.slice(AFTER_TAGS)],
    [fields],
  );
}
