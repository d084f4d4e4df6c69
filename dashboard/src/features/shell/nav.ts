import {
  Building2,
  CalendarClock,
  CircleAlert,
  CircleUser,
  DoorOpen,
  FileCode,
  KeyRound,
  KeySquare,
  Layers,
  type LucideIcon,
  Monitor,
  ScrollText,
  Settings,
  ShieldCheck,
  SquareTerminal,
  Users,
} from "lucide-react";
import type { Permission } from "@/api/can";
import { isHeld } from "@/components/can";
import { useMe } from "@/components/me";

export interface NavEntry {
  to:
    | "/"
    | "/machines"
    | "/commands"
    | "/scripts"
    | "/schedules"
    | "/clients"
    | "/enrolment"
    | "/site-keys"
    | "/audit"
    | "/users"
    | "/roles"
    | "/api-keys"
    | "/settings"
    | "/platform"
    | "/account";
  label: string;
  icon: LucideIcon;
  /** Without it anywhere, or without any of them, the page has nothing to show. */
  permission?: Permission | readonly Permission[];
  /** Only operators of the platform have it. */
  isForOperators?: boolean;
  /** It is about the organisation as a whole: no client or site narrows it. */
  isUnscoped?: boolean;
  /** Pages of single things that belong to it, beside those below its own address. */
  also?: string;
  /** The sidebar leads there by another way. */
  isElsewhere?: boolean;
}

/** Every page that has an address of its own; the sidebar and the palette list the same. */
export const NAV: NavEntry[] = [
  { to: "/", label: "Attention", icon: CircleAlert },
  { to: "/machines", label: "Machines", icon: Monitor, permission: "agents.view" },
  { to: "/commands", label: "Commands", icon: SquareTerminal, permission: "commands.view", also: "/command-runs/" },
  { to: "/scripts", label: "Scripts", icon: FileCode, permission: "scripts.view", isUnscoped: true },
  { to: "/schedules", label: "Schedules", icon: CalendarClock, permission: "schedules.view" },
  { to: "/clients", label: "Clients and sites", icon: Building2, permission: "clients.view", also: "/sites/" },
  { to: "/enrolment", label: "Enrolment", icon: DoorOpen, permission: ["agents.view", "site_keys.view"] },
  { to: "/site-keys", label: "Site keys", icon: KeyRound, permission: "site_keys.view" },
  { to: "/users", label: "People", icon: Users, permission: "users.view", isUnscoped: true },
  { to: "/roles", label: "Roles", icon: ShieldCheck, permission: "users.view", isUnscoped: true },
  { to: "/api-keys", label: "API keys", icon: KeySquare, permission: "api_keys.edit", isUnscoped: true },
  { to: "/audit", label: "Audit", icon: ScrollText, permission: "audit.view" },
  { to: "/settings", label: "Settings", icon: Settings, isUnscoped: true },
  { to: "/platform", label: "Platform", icon: Layers, isForOperators: true, isUnscoped: true },
  { to: "/account", label: "Your account", icon: CircleUser, isUnscoped: true, isElsewhere: true },
];

/** The pages that the signed-in user may open. */
export function useNav(): NavEntry[] {
  const me = useMe();
  return NAV.filter(
    ({ permission, isForOperators }) =>
      (!permission || !me || [permission].flat().some((one) => isHeld(me.grants, one as Permission))) &&
      (!isForOperators || me?.is_operator),
  );
}
