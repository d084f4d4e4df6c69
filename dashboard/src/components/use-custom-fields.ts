import { useQuery } from "@tanstack/react-query";
import { q } from "@/api/client";
import type { CustomField } from "@/api/types";

const NONE: CustomField[] = [];

/** The organisation's custom fields. */
export function useCustomFields(): CustomField[] {
  return useQuery(q("custom_field_list", {})).data?.items ?? NONE;
}
