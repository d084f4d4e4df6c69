import { useNavigate } from "@tanstack/react-router";
import { CalendarPlus, LogOut, Moon, Plus, Sun } from "lucide-react";
import type { ReactNode } from "react";
import { openAddMachine } from "@/components/actions";
import { useCannot, useCannotIn } from "@/components/me";
import { useFullScope, useScope } from "@/components/scope";
import { useLogOut } from "@/components/use-log-out";
import { themeStore } from "@/lib/theme";

interface PaletteCommand {
  id: string;
  label: string;
  icon: ReactNode;
  act: () => void;
  /** Why it cannot be done now. */
  reason?: string | undefined;
}

/** What can be done on any page. */
export function usePaletteCommands(): PaletteCommand[] {
  const logOut = useLogOut();
  const scope = useScope();
  const cannotAdd = useCannotIn("site_keys.edit", useFullScope());
  const cannotSchedule = useCannot("schedules.edit");
  const navigate = useNavigate();
  const isDark = document.documentElement.classList.contains("dark");
  return [
    {
      id: "add",
      label: "Add a machine…",
      icon: <Plus />,
      act: () => openAddMachine(scope.site_id),
      reason: cannotAdd,
    },
    {
      id: "new-schedule",
      label: "New schedule",
      icon: <CalendarPlus />,
      act: () => void navigate({ to: "/schedules/new" }),
      reason: cannotSchedule,
    },
    {
      id: "theme",
      label: isDark ? "Use the light theme" : "Use the dark theme",
      icon: isDark ? <Sun /> : <Moon />,
      act: () => themeStore.set(isDark ? "light" : "dark"),
    },
    { id: "log-out", label: "Log out", icon: <LogOut />, act: logOut },
  ];
}
