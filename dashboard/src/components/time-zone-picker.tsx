import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { q } from "@/api/client";
import { serverNow } from "@/lib/server-time";
import { findTimeZones, offsetWords } from "@/lib/time-zones";
import { Combobox } from "@/ui/combobox";
import type { FieldControl } from "@/ui/field";
import { useCannot } from "./me";

const SHOWN = 100;

interface TimeZonePickerProps {
  control: FieldControl;
  /** Empty: none. */
  value: string;
  onValue: (zone: string) => void;
  /** What it means that none is chosen; without these words one has to be. */
  noneLabel?: string;
}

/** Choose a time zone by words of its name. */
export function TimeZonePicker({ control, value, onValue, noneLabel }: TimeZonePickerProps) {
  const [search, setSearch] = useState("");
  const isNoneFound = noneLabel?.toLowerCase().includes(search.trim().toLowerCase());
  const now = serverNow();
  return (
    <Combobox
      control={control}
      label="Time zone"
      value={value}
      valueLabel={value || noneLabel}
      isValueLabelShown
      onValue={(option) => {
        setSearch("");
        onValue(option.value);
      }}
      options={[
        ...(noneLabel && isNoneFound ? [{ value: "", label: noneLabel }] : []),
        ...findTimeZones(search)
          .slice(0, SHOWN)
          .map((zone) => ({ value: zone, label: zone, hint: offsetWords(zone, now) ?? "" })),
      ]}
      search={search}
      onSearch={setSearch}
      placeholder="Choose a time zone"
      emptyText="No time zone has these words."
    />
  );
}

/** The time zone of sites that name none, for whoever may know it. */
export function useOrganisationZone(): string | undefined {
  const cannotSee = useCannot("organisation.view");
  const { data } = useQuery({ ...q("organisation_get", {}), enabled: !cannotSee });
  return cannotSee ? undefined : data?.time_zone;
}
