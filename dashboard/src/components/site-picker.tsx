import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Permission } from "@/api/can";
import { q } from "@/api/client";
import { useDebounced } from "@/lib/hooks";
import { Combobox, type ComboboxOption } from "@/ui/combobox";
import type { FieldControl } from "@/ui/field";
import { type Grant, type Place, titleOf, wonByMove } from "./can";
import { useOwnGrants, whyNot } from "./me";

interface SitePickerProps {
  control: FieldControl;
  value: string | undefined;
  valueLabel?: string | undefined;
  onValue: (option: ComboboxOption) => void;
  /** What is to be done at the site: where one may not, it cannot be chosen. */
  permission: Permission;
  /** From where machines are to be taken there: nothing may be won by it. */
  from?: readonly Place[];
}

const NOWHERE: readonly Place[] = [];

function whyNotThere(grants: readonly Grant[], permission: Permission, to: Place, from: readonly Place[]) {
  const won = from.map((place) => wonByMove(grants, place, to)).find(Boolean);
  return whyNot(grants, permission, to) ?? (won && `You may “${titleOf(won)}” there and not where it is now.`);
}

/** Choose one site of any number: the server searches. */
export function SitePicker({ control, value, valueLabel, onValue, permission, from = NOWHERE }: SitePickerProps) {
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
    disabledReason: whyNotThere(grants, permission, { clientId: site.client_id, siteId: site.id }, from),
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
