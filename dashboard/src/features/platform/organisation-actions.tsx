import { Ban, CirclePlay, Ellipsis, Gauge } from "lucide-react";
import type { PlatformOrganisation } from "@/api/types";
import { useMe } from "@/components/me";
import { Button, IconButton } from "@/ui/button";
import { Menu, MenuItem } from "@/ui/menu";

export type OrganisationAct = "limits" | "suspend" | "resume";

interface OrganisationActionsProps {
  organisation: PlatformOrganisation;
  onAct: (act: OrganisationAct, organisation: PlatformOrganisation) => void;
  /** As buttons; else in a menu. */
  isWide?: boolean;
}

export function OrganisationActions({ organisation, onAct, isWide = false }: OrganisationActionsProps) {
  const { id, name } = organisation;
  const isOwn = useMe()?.organisation.id === id;
  const isSuspended = Boolean(organisation.suspended_at);
  const cannotSuspend = isOwn && "You are signed in to it: switch to another organisation first.";
  const act = (what: OrganisationAct) => () => onAct(what, organisation);
  if (isWide) {
    return (
      <span className="flex items-center gap-1">
        <Button size="sm" data-row-focus aria-label={`Limits of ${name}`} onClick={act("limits")}>
          Limits
        </Button>
        {isSuspended ? (
          <Button size="sm" aria-label={`Resume ${name}`} onClick={act("resume")}>
            Resume
          </Button>
        ) : (
          <Button
            size="sm"
            variant="danger"
            disabledReason={cannotSuspend}
            aria-label={`Suspend ${name}`}
            onClick={act("suspend")}
          >
            Suspend
          </Button>
        )}
      </span>
    );
  }
  return (
    <Menu
      label={`Actions for ${name}`}
      trigger={
        <IconButton label={`Actions for ${name}`}>
          <Ellipsis />
        </IconButton>
      }
    >
      <MenuItem onSelect={act("limits")}>
        <Gauge /> Change limits…
      </MenuItem>
      {isSuspended ? (
        <MenuItem onSelect={act("resume")}>
          <CirclePlay /> Resume
        </MenuItem>
      ) : (
        <MenuItem isDanger disabledReason={cannotSuspend} onSelect={act("suspend")}>
          <Ban /> Suspend…
        </MenuItem>
      )}
    </Menu>
  );
}
