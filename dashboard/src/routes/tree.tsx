import { createRootRoute, createRoute, lazyRouteComponent, redirect, retainSearchParams } from "@tanstack/react-router";
import * as z from "zod/mini";
import { queryClient } from "@/api/client";
import { ApiError } from "@/api/problem";
import { meQuery } from "@/components/me";
import { SCOPE_KEYS, scopeSearch } from "@/components/scope";
import { accountSearch } from "@/features/account/search";
import { machineSearch, machinesSearch } from "@/features/agents/search";
import { auditSearch } from "@/features/audit/search";
import { clientsSearch, placeSearch } from "@/features/clients/search";
import { commandRunSearch } from "@/features/command-runs/search";
import { commandsSearch } from "@/features/commands/search";
import { enrolmentSearch } from "@/features/enrolment/search";
import { editScheduleSearch, newScheduleSearch, scheduleSearch, schedulesSearch } from "@/features/schedules/search";
import { scriptSearch, scriptsSearch } from "@/features/scripts/search";
import { MissingPage, PageFailed } from "@/features/shell/error-pages";
import { Shell } from "@/features/shell/shell";
import { userSearch, usersSearch } from "@/features/users/search";

const root = createRootRoute({ notFoundComponent: MissingPage, errorComponent: PageFailed });

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: lazyRouteComponent(() => import("@/features/setup/setup-page"), "SetupPage"),
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: z.object({ next: z.catch(z.optional(z.string()), undefined) }),
  component: lazyRouteComponent(() => import("@/features/auth/login-page"), "LoginPage"),
});

const join = createRoute({
  getParentRoute: () => root,
  path: "/join",
  component: lazyRouteComponent(() => import("@/features/auth/join-page"), "JoinPage"),
});

const reset = createRoute({
  getParentRoute: () => root,
  path: "/reset",
  component: lazyRouteComponent(() => import("@/features/auth/reset-page"), "ResetPage"),
});

/** Everything behind the login. The scope of the tree is part of every address in it. */
const app = createRoute({
  getParentRoute: () => root,
  id: "app",
  validateSearch: scopeSearch,
  search: { middlewares: [retainSearchParams([...SCOPE_KEYS])] },
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(meQuery());
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        throw redirect({ to: "/login", search: location.href === "/" ? {} : { next: location.href } });
      }
      throw error;
    }
  },
  component: Shell,
  errorComponent: PageFailed,
});

const attention = createRoute({
  getParentRoute: () => app,
  path: "/",
  component: lazyRouteComponent(() => import("@/features/attention/attention-page"), "AttentionPage"),
});
const machines = createRoute({
  getParentRoute: () => app,
  path: "/machines",
  validateSearch: machinesSearch,
  component: lazyRouteComponent(() => import("@/features/agents/machines-page"), "MachinesPage"),
});
const machine = createRoute({
  getParentRoute: () => app,
  path: "/machines/$id",
  validateSearch: machineSearch,
  component: lazyRouteComponent(() => import("@/features/agents/machine-page"), "MachinePage"),
});
const commands = createRoute({
  getParentRoute: () => app,
  path: "/commands",
  validateSearch: commandsSearch,
  component: lazyRouteComponent(() => import("@/features/commands/commands-page"), "CommandsPage"),
});
const command = createRoute({
  getParentRoute: () => app,
  path: "/commands/$id",
  component: lazyRouteComponent(() => import("@/features/commands/command-page"), "CommandPage"),
});
const commandRun = createRoute({
  getParentRoute: () => app,
  path: "/command-runs/$id",
  validateSearch: commandRunSearch,
  component: lazyRouteComponent(() => import("@/features/command-runs/run-page"), "RunPage"),
});
const scripts = createRoute({
  getParentRoute: () => app,
  path: "/scripts",
  validateSearch: scriptsSearch,
  component: lazyRouteComponent(() => import("@/features/scripts/scripts-page"), "ScriptsPage"),
});
const newScript = createRoute({
  getParentRoute: () => app,
  path: "/scripts/new",
  component: lazyRouteComponent(() => import("@/features/scripts/new-script-page"), "NewScriptPage"),
});
const script = createRoute({
  getParentRoute: () => app,
  path: "/scripts/$id",
  validateSearch: scriptSearch,
  component: lazyRouteComponent(() => import("@/features/scripts/script-page"), "ScriptPage"),
});
const schedules = createRoute({
  getParentRoute: () => app,
  path: "/schedules",
  validateSearch: schedulesSearch,
  component: lazyRouteComponent(() => import("@/features/schedules/schedules-page"), "SchedulesPage"),
});
const newSchedule = createRoute({
  getParentRoute: () => app,
  path: "/schedules/new",
  validateSearch: newScheduleSearch,
  component: lazyRouteComponent(() => import("@/features/schedules/new-schedule-page"), "NewSchedulePage"),
});
const schedule = createRoute({
  getParentRoute: () => app,
  path: "/schedules/$id",
  validateSearch: scheduleSearch,
  component: lazyRouteComponent(() => import("@/features/schedules/schedule-page"), "SchedulePage"),
});
const editSchedule = createRoute({
  getParentRoute: () => app,
  path: "/schedules/$id/edit",
  validateSearch: editScheduleSearch,
  component: lazyRouteComponent(() => import("@/features/schedules/edit-schedule-page"), "EditSchedulePage"),
});
const clients = createRoute({
  getParentRoute: () => app,
  path: "/clients",
  validateSearch: clientsSearch,
  component: lazyRouteComponent(() => import("@/features/clients/clients-page"), "ClientsPage"),
});
const client = createRoute({
  getParentRoute: () => app,
  path: "/clients/$id",
  validateSearch: placeSearch,
  component: lazyRouteComponent(() => import("@/features/clients/client-page"), "ClientPage"),
});
const site = createRoute({
  getParentRoute: () => app,
  path: "/sites/$id",
  validateSearch: placeSearch,
  component: lazyRouteComponent(() => import("@/features/clients/site-page"), "SitePage"),
});
const siteKeys = createRoute({
  getParentRoute: () => app,
  path: "/site-keys",
  component: lazyRouteComponent(() => import("@/features/site-keys/site-keys-page"), "SiteKeysPage"),
});
const enrolment = createRoute({
  getParentRoute: () => app,
  path: "/enrolment",
  validateSearch: enrolmentSearch,
  component: lazyRouteComponent(() => import("@/features/enrolment/enrolment-page"), "EnrolmentPage"),
});
const audit = createRoute({
  getParentRoute: () => app,
  path: "/audit",
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import("@/features/audit/audit-page"), "AuditPage"),
});
const settings = createRoute({
  getParentRoute: () => app,
  path: "/settings",
  component: lazyRouteComponent(() => import("@/features/settings/settings-page"), "SettingsPage"),
});
const users = createRoute({
  getParentRoute: () => app,
  path: "/users",
  validateSearch: usersSearch,
  component: lazyRouteComponent(() => import("@/features/users/users-page"), "UsersPage"),
});
const user = createRoute({
  getParentRoute: () => app,
  path: "/users/$id",
  validateSearch: userSearch,
  component: lazyRouteComponent(() => import("@/features/users/user-page"), "UserPage"),
});
const roles = createRoute({
  getParentRoute: () => app,
  path: "/roles",
  component: lazyRouteComponent(() => import("@/features/roles/roles-page"), "RolesPage"),
});
const newRole = createRoute({
  getParentRoute: () => app,
  path: "/roles/new",
  component: lazyRouteComponent(() => import("@/features/roles/role-page"), "NewRolePage"),
});
const role = createRoute({
  getParentRoute: () => app,
  path: "/roles/$id",
  component: lazyRouteComponent(() => import("@/features/roles/role-page"), "RolePage"),
});
const account = createRoute({
  getParentRoute: () => app,
  path: "/account",
  validateSearch: accountSearch,
  component: lazyRouteComponent(() => import("@/features/account/account-page"), "AccountPage"),
});
const apiKeys = createRoute({
  getParentRoute: () => app,
  path: "/api-keys",
  component: lazyRouteComponent(() => import("@/features/api-keys/api-keys-page"), "ApiKeysPage"),
});
const platform = createRoute({
  getParentRoute: () => app,
  path: "/platform",
  component: lazyRouteComponent(() => import("@/features/platform/platform-page"), "PlatformPage"),
});
const missing = createRoute({ getParentRoute: () => app, path: "$", component: MissingPage });

export const routeTree = root.addChildren([
  setup,
  login,
  join,
  reset,
  app.addChildren([
    attention,
    machines,
    machine,
    commands,
    command,
    commandRun,
    scripts,
    newScript,
    script,
    schedules,
    newSchedule,
    schedule,
    editSchedule,
    clients,
    client,
    site,
    siteKeys,
    enrolment,
    audit,
    settings,
    users,
    user,
    roles,
    newRole,
    role,
    account,
    apiKeys,
    platform,
    missing,
  ]),
]);
