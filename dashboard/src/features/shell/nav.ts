import {
  Building2,
  CircleAlert,
  KeyRound,
  type LucideIcon,
  Monitor,
  ScrollText,
  Settings,
  SquareTerminal,
} from "lucide-react";

export interface NavEntry {
  to: "/" | "/machines" | "/commands" | "/clients" | "/site-keys" | "/audit" | "/settings";
  label: string;
  icon: LucideIcon;
}

/** Every page that has an address of its own; the sidebar and the palette list the same. */
export const NAV: NavEntry[] = [
  { to: "/", label: "Attention", icon: CircleAlert },
  { to: "/machines", label: "Machines", icon: Monitor },
  { to: "/commands", label: "Commands", icon: SquareTerminal },
  { to: "/clients", label: "Clients and sites", icon: Building2 },
  { to: "/site-keys", label: "Site keys", icon: KeyRound },
  { to: "/audit", label: "Audit", icon: ScrollText },
  { to: "/settings", label: "Settings", icon: Settings },
];
