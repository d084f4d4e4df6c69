import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Permission } from "@/api/can";
import { q } from "@/api/client";
import { useDebounced } from "@/lib/hooks";
import { Combobox } from "@/ui/combobox";
import type { FieldControl } from "@/ui/field";
import { ORGANISATION, type Place } from "./can";
import { useCannot, useOwnGrants, whyNot } from "./me";

export const WHOLE = "The whole organisation";

interface PlacePickerProps {
  control?: FieldControl;
  value: Place;
  onValue: (place: Place) => void;
  /** Only clients and sites are offered, and nothing is chosen at first. */
  isWithin?: boolean;
  /** What it means that neither a client nor a site is chosen. */
  wholeLabel?: string;
  /** Places where one may not do this are greyed, with the reason. */
  permission?: Permission;
}

/** Ids have no spaces. */
const keyOf = (place: Place): string => `${place.clientId ?? ""} ${place.siteId ?? ""}`;

function placeOfKey(key: string): Place {
  const [clientId, siteId] = key.split(" ");
  if (!clientId) return ORGANISATION;
  return siteId ? { clientId, siteId } : { clientId };
}

/** The names of a place. */
export function usePlaceName(place: Place): string {
  const { clientId = "", siteId = "" } = place;
  const client = useQuery({
    ...q("client_get", { path: { id: clientId } }),
    enabled: clientId !== "" && siteId === "",
  });
  const site = useQuery({ ...q("site_get", { path: { id: siteId } }), enabled: siteId !== "" });
  if (siteId) return site.data ? `${site.data.client_name} › ${site.data.name}` : site.error ? "Unknown site" : "…";
  if (clientId) return client.data?.name ?? (client.error ? "Unknown client" : "…");
  return WHOLE;
}

/** Choose the organisation, a client or a site: the server searches. */
export function PlacePicker({
  control,
  value,
  onValue,
  isWithin = false,
  wholeLabel = WHOLE,
  permission,
}: PlacePickerProps) {
  const [search, setSearch] = useState("");
  const rested = useDebounced(search.trim(), 200);
  const query = rested ? { search: rested, limit: 20 } : { limit: 20 };
  const cannotSee = [useCannot("clients.view"), useCannot("sites.view")];
  const clients = useQuery({
    ...q("client_list", { query }),
    enabled: !cannotSee[0],
    placeholderData: (before) => before,
  });
  const sites = useQuery({ ...q("site_list", { query }), enabled: !cannotSee[1], placeholderData: (before) => before });
  const name = usePlaceName(value);
  const isNone = !value.clientId && !value.siteId;
  const grants = useOwnGrants();
  const isWhole = !isWithin && wholeLabel.toLowerCase().includes(search.trim().toLowerCase());
  const options = [
    ...(isWhole ? [{ value: keyOf(ORGANISATION), label: wholeLabel }] : []),
    ...(clients.data?.items ?? []).map((client) => ({
      value: keyOf({ clientId: client.id }),
      label: client.name,
      hint: "client",
    })),
    ...(sites.data?.items ?? []).map((site) => ({
      value: keyOf({ clientId: site.client_id, siteId: site.id }),
      label: `${site.client_name} › ${site.name}`,
      hint: "site",
    })),
  ];
  return (
    <Combobox
      {...(control ? { control } : {})}
      label="Place"
      value={keyOf(value)}
      valueLabel={isNone ? (isWithin ? undefined : wholeLabel) : name}
      isValueLabelShown
      onValue={(option) => onValue(placeOfKey(option.value))}
      options={options.map((option) => ({
        ...option,
        disabledReason: permission && whyNot(grants, permission, placeOfKey(option.value)),
      }))}
      search={search}
      onSearch={setSearch}
      placeholder="Choose a client or a site"
      emptyText={
        clients.isError || sites.isError
          ? "The places could not be loaded."
          : clients.isLoading || sites.isLoading
            ? "Loading…"
            : "No client and no site has this name."
      }
    />
  );
}
