import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { q } from "@/api/client";
import type { Agent } from "@/api/types";
import type { AllMatching } from "../actions";
import { useWhyStopped } from "../command-run/stopped";
import { useMe } from "../me";
import { type MachineAction, machineActions } from "./machine-actions";

/** What whoever is signed in can do with these machines. */
export function useMachineActions(machines: readonly Agent[], all?: AllMatching): MachineAction[] {
  const grants = useMe()?.grants;
  const stopped = useWhyStopped(machines.length > 0);
  const noFields = useWhyNoFields(machines.length > 1);
  return useMemo(
    () => machineActions(machines, { grants, stopped, noFields }, all),
    [machines, grants, stopped, noFields, all],
  );
}

/** Why no custom field can be set; asked only where it matters. */
function useWhyNoFields(isAsked: boolean): string | undefined {
  const { data, isError } = useQuery({ ...q("custom_field_list", {}), enabled: isAsked });
  if (!data) return isError ? "The fields could not be loaded." : "The fields are being loaded.";
  return data.items.length === 0 ? "There is no custom field yet: add one in the settings." : undefined;
}
