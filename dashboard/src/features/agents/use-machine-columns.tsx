import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { q } from "@/api/client";
import type { Agent, CustomField } from "@/api/types";
import type { Column } from "@/components/data-table/column";
import { fieldWords } from "@/components/field-value";
import { AGENT_COLUMNS } from "./columns";

const NONE: CustomField[] = [];

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

/** The organisation's custom fields. */
export function useCustomFields(): CustomField[] {
  return useQuery(q("custom_field_list", {})).data?.items ?? NONE;
}

/** Every column of the table of machines: what machines report, their tags, and the organisation's custom fields. */
export function useMachineColumns(): Column<Agent>[] {
  const fields = useCustomFields();
  return useMemo(() => [...AGENT_COLUMNS, ...fields.map(columnOf)], [fields]);
}
