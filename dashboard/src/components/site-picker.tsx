import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Permission } from "@/api/can";
import { q } from "@/api/client";
import { useDebounced } from "@/lib/hooks";
import { Combobox, type ComboboxOption } from "@/ui/combobox";
import type { FieldControl } from "@/ui/field";
import { useOwnGrants, whyNot } from "./me";

interface SitePickerProps {
  control: FieldControl;
  value: string | undefined;
  valueLabel?: string | undefined;
  onValue: (option: ComboboxOption) => void;
  /** What is to be done at the site: where one may not, it cannot be chosen. */
  permission: Permission;
}

/** Choose one site of any number: the server searches. */
export function SitePicker({ control, value, valueLabel, onValue, permission }: SitePickerProps) {
  const grants = useOwnGrants();
  const [search, setSearch] = useState("");
  const rested = useDebounced(search.trim(), 200);
  const query = useQuery({
    ...q("site_list", { query: rested ? { search: rested, limit: 50 } : { limit: 50 } }),
    placeholderData: (before) => before,
  });
  const options = (query.data?.items ?? []).map((site) => ({
    value: site.id,
    label: site.name,
    hint: site.client_name,
    disabledReason: whyNot(grants, permission, { clientId: site.client_id, siteId: site.id }),
  }));
  return (
    <Combobox
      control={control}
      label="Site"
      value={value}
      valueLabel={valueLabel}
      onValue={onValue}
      options={options}
      search={search}
      onSearch={setSearch}
      placeholder="Choose a site"
      emptyText={
        query.isError ? "The sites could not be loaded." : query.isPending ? "Loading…" : "No site has this name."
      }
    />
  );
}
