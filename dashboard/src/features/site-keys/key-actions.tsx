import { useNavigate } from "@tanstack/react-router";
import { Ban, Ellipsis, Monitor, Pencil, RotateCw, ScrollText } from "lucide-react";
import type { SiteKey } from "@/api/types";
import { useCannot } from "@/components/me";
import { useSitePlaces } from "@/components/site-places";
import { Button, IconButton } from "@/ui/button";
import { Menu, MenuItem, MenuSeparator } from "@/ui/menu";

export type KeyAct = "change" | "regenerate" | "revoke";

/** Why a key cannot be revoked. */
const OVER: Record<SiteKey["state"], string | undefined> = {
  active: undefined,
  revoked: "It is revoked already.",
  expired: "It has expired; nobody can use it.",
  used_up: "It is used up; nobody can use it.",
};
const REVOKED = "It is revoked for good: create another.";

interface KeyActionsProps {
  siteKey: SiteKey;
  onAct: (act: KeyAct, key: SiteKey) => void;
  /** What is done most stands beside the menu. */
  isWide?: boolean;
}

export function KeyActions({ siteKey, onAct, isWide = false }: KeyActionsProps) {
  const navigate = useNavigate();
  const place = useSitePlaces()(siteKey.site_id);
  const cannotEdit = useCannot("site_keys.edit", place);
  const cannotSee = useCannot("agents.view", place);
  const cannotAudit = useCannot("audit.view", place);
  const cannotChange = cannotEdit ?? (siteKey.state === "revoked" ? REVOKED : undefined);
  const change = () => onAct("change", siteKey);
  return (
    <span className="flex items-center gap-1">
      {isWide && (
        <Button
          size="sm"
          data-row-focus
          disabledReason={cannotChange}
          aria-label={`Change ${siteKey.name}`}
          onClick={change}
        >
          Change
        </Button>
      )}
      <Menu
        label={`Actions for ${siteKey.name}`}
        trigger={
          <IconButton label={`Actions for ${siteKey.name}`} size={isWide ? "sm" : "icon"}>
            <Ellipsis />
          </IconButton>
        }
      >
        {!isWide && (
          <MenuItem disabledReason={cannotChange} onSelect={change}>
            <Pencil /> Change…
          </MenuItem>
        )}
        <MenuItem
          disabledReason={cannotSee}
          onSelect={() =>
            // A machine may have been moved since: the whole fleet is searched.
            void navigate({
              to: "/machines",
              search: { client_id: undefined, site_id: undefined, site_key_id: siteKey.id },
            })
          }
        >
          <Monitor /> Machines enrolled with it
        </MenuItem>
        <MenuItem
          disabledReason={cannotAudit}
          onSelect={() => void navigate({ to: "/audit", search: { target_id: siteKey.id } })}
        >
          <ScrollText /> What was done to it
        </MenuItem>
        <MenuSeparator />
        <MenuItem disabledReason={cannotChange} onSelect={() => onAct("regenerate", siteKey)}>
          <RotateCw /> Make anew…
        </MenuItem>
        <MenuItem isDanger disabledReason={cannotEdit ?? OVER[siteKey.state]} onSelect={() => onAct("revoke", siteKey)}>
          <Ban /> Revoke…
        </MenuItem>
      </Menu>
    </span>
  );
}
