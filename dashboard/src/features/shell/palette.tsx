import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { Building2, LogOut, MapPin, Monitor, Moon, Plus, Sun } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useEffect, useState } from "react";
import { q } from "@/api/client";
import { openAddMachine, paletteStore } from "@/components/actions";
import { agentName } from "@/components/agent-name";
import { useCannot, useCannotIn } from "@/components/me";
import { useFullScope, useScope } from "@/components/scope";
import { AgentStatus } from "@/components/status";
import { useLogOut } from "@/components/use-log-out";
import { useDebounced } from "@/lib/hooks";
import { useStore } from "@/lib/store";
import { themeStore } from "@/lib/theme";
import { Kbd } from "@/ui/panel";
import { toast } from "@/ui/toaster";
import { useNav } from "./nav";

function usePaletteKey(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey)
        return;
      event.preventDefault();
      paletteStore.set((open) => !open);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

/** One field to find a machine, a client or a site, to go anywhere, to do anything. */
export function Palette() {
  const isOpen = useStore(paletteStore);
  usePaletteKey();
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => paletteStore.set(open)}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-[oklch(0.15_0.02_245/0.5)]" />
        <Radix.Content
          aria-describedby={undefined}
          className="-translate-x-1/2 fixed top-[10vh] left-1/2 z-50 w-[min(36rem,calc(100vw-1.5rem))] animate-appear overflow-hidden rounded-lg border border-line bg-raised shadow-pop outline-none"
        >
          <Radix.Title className="sr-only">Search and commands</Radix.Title>
          <PaletteBody close={() => paletteStore.set(false)} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function PaletteBody({ close }: { close: () => void }) {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState("");
  const navigate = useNavigate();
  const logOut = useLogOut();
  const scope = useScope();
  const search = useDebounced(text.trim(), 150);
  const cannotSee = useCannot("agents.view");
  const machines = useQuery({
    ...q("agent_list", { query: { search, limit: 8 } }),
    enabled: search !== "" && !cannotSee,
    placeholderData: (before) => before,
  });
  const places = usePlaces(search);
  const matches = (words: string) => words.toLowerCase().includes(text.trim().toLowerCase());
  const run = (action: () => void) => () => {
    close();
    action();
  };
  const dark = document.documentElement.classList.contains("dark");
  const cannotAdd = useCannotIn("site_keys.edit", useFullScope());
  const actions = [
    {
      id: "add",
      label: "Add a machine…",
      icon: <Plus />,
      run: () => openAddMachine(scope.site_id),
      reason: cannotAdd,
    },
    {
      id: "theme",
      label: dark ? "Use the light theme" : "Use the dark theme",
      icon: dark ? <Sun /> : <Moon />,
      run: () => themeStore.set(dark ? "light" : "dark"),
    },
    { id: "log-out", label: "Log out", icon: <LogOut />, run: logOut },
  ].filter((action) => matches(action.label));
  const routes = useNav().filter((entry) => matches(entry.label));
  const isSearching = search !== "" && text.trim() !== "";
  const found = isSearching ? (machines.data?.items ?? []) : [];
  const clients = isSearching ? places.clients : [];
  const sites = isSearching ? places.sites : [];
  const shown = [
    ...[...found, ...clients, ...sites].map(({ id }) => id),
    ...routes.map(({ to }) => to as string),
    ...actions.map(({ id }) => id),
  ];
  // Enter always has something to open: what was chosen may have left the list, which changes when an answer comes.
  const value = shown.includes(chosen) ? chosen : (shown[0] ?? "");
  return (
    <Command shouldFilter={false} label="Search and commands" loop value={value} onValueChange={setChosen}>
      <Command.Input
        autoFocus
        value={text}
        onValueChange={setText}
        placeholder="Find a machine, a client, a page, an action…"
        className="h-12 w-full border-line border-b bg-transparent px-4 text-base outline-none placeholder:text-soft"
      />
      <Command.List className="max-h-[min(24rem,60vh)] overflow-y-auto p-1.5">
        <Command.Empty className="px-3 py-6 text-center text-sm text-soft">
          {machines.isFetching || places.isFetching
            ? "Searching…"
            : machines.isError || places.isError
              ? "The search failed. Type again to retry."
              : "Nothing has this name."}
        </Command.Empty>
        {found.length > 0 && (
          <Group heading="Machines">
            {found.map((agent) => (
              <Item
                key={agent.id}
                value={agent.id}
                icon={<Monitor />}
                onSelect={run(() => void navigate({ to: "/machines/$id", params: { id: agent.id } }))}
                note={<AgentStatus status={agent.status} state={agent.state} className="text-xs" />}
              >
                {agentName(agent)}
                <span className="text-soft">
                  {" "}
                  {agent.client_name} › {agent.site_name}
                </span>
              </Item>
            ))}
          </Group>
        )}
        {clients.length + sites.length > 0 && (
          <Group heading="Clients and sites">
            {clients.map(({ id, name }) => (
              <Item
                key={id}
                value={id}
                icon={<Building2 />}
                onSelect={run(() => void navigate({ to: "/clients/$id", params: { id } }))}
              >
                {name}
              </Item>
            ))}
            {sites.map(({ id, name, client_name }) => (
              <Item
                key={id}
                value={id}
                icon={<MapPin />}
                onSelect={run(() => void navigate({ to: "/sites/$id", params: { id } }))}
              >
                {name}
                <span className="text-soft"> {client_name}</span>
              </Item>
            ))}
          </Group>
        )}
        {routes.length > 0 && (
          <Group heading="Pages">
            {routes.map(({ to, label, icon: Icon }) => (
              <Item key={to} value={to} icon={<Icon />} onSelect={run(() => void navigate({ to }))}>
                {label}
              </Item>
            ))}
          </Group>
        )}
        {actions.length > 0 && (
          <Group heading="Actions">
            {actions.map((action) => (
              <Item
                key={action.id}
                value={action.id}
                icon={action.icon}
                onSelect={action.reason ? () => toast("note", action.reason ?? "") : run(action.run)}
                note={action.reason && <span className="truncate text-soft text-xs">{action.reason}</span>}
              >
                {action.label}
              </Item>
            ))}
          </Group>
        )}
      </Command.List>
      <p className="flex gap-3 border-line border-t px-4 py-2 text-soft text-xs max-sm:hidden">
        <span>
          <Kbd>↑</Kbd> <Kbd>↓</Kbd> choose
        </span>
        <span>
          <Kbd>Enter</Kbd> open
        </span>
        <span>
          <Kbd>Esc</Kbd> close
        </span>
      </p>
    </Command>
  );
}

/** The clients and sites with these words in their names, as far as one may see them. */
function usePlaces(search: string) {
  const query = { search, limit: 5 };
  const cannotSeeClients = useCannot("clients.view");
  const cannotSeeSites = useCannot("sites.view");
  const clients = useQuery({
    ...q("client_list", { query }),
    enabled: search !== "" && !cannotSeeClients,
    placeholderData: (before) => before,
  });
  const sites = useQuery({
    ...q("site_list", { query }),
    enabled: search !== "" && !cannotSeeSites,
    placeholderData: (before) => before,
  });
  return {
    clients: clients.data?.items ?? [],
    sites: sites.data?.items ?? [],
    isFetching: clients.isFetching || sites.isFetching,
    isError: clients.isError || sites.isError,
  };
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-soft [&_[cmdk-group-heading]]:text-xs"
    >
      {children}
    </Command.Group>
  );
}

interface ItemProps {
  value: string;
  icon: ReactNode;
  onSelect: () => void;
  note?: ReactNode;
  children: ReactNode;
}

function Item({ value, icon, onSelect, note, children }: ItemProps) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex min-h-9 cursor-default items-center gap-2.5 rounded px-2 text-sm data-[selected=true]:bg-hover [&>svg]:size-4 [&>svg]:shrink-0 [&>svg]:text-soft"
    >
      {icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {note}
    </Command.Item>
  );
}
