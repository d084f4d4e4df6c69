import { Link } from "@tanstack/react-router";
import { CircleUser, ExternalLink, LogOut, Monitor, Moon, Sun } from "lucide-react";
import { Id } from "@/components/copy";
import { useMe } from "@/components/me";
import { Page, PageBody } from "@/components/page";
import { Time } from "@/components/time";
import { useLogOut } from "@/components/use-log-out";
import { useStore } from "@/lib/store";
import { type Theme, themeStore } from "@/lib/theme";
import { Button } from "@/ui/button";
import { Facts, Panel, Skeleton } from "@/ui/panel";
import { RadioCards } from "@/ui/radio-group";
import { ApprovalPanel } from "./approval-panel";
import { AuditRetentionPanel } from "./audit-retention-panel";
import { CommandRetentionPanel } from "./command-retention-panel";
import { CustomFieldsPanel } from "./custom-fields-panel";
import { OrganisationPanel } from "./organisation-panel";
import { RetentionPanel } from "./retention-panel";
import { ScriptsPanel } from "./scripts-panel";
import { StopCommandsPanel } from "./stop-commands-panel";
import { TimeZonePanel } from "./time-zone-panel";

export function SettingsPage() {
  const me = useMe();
  const theme = useStore(themeStore);
  const logOut = useLogOut();
  return (
    <Page title="Settings">
      <PageBody>
        <div className="flex max-w-3xl flex-col gap-4">
          <Panel
            title="You"
            actions={
              <Button size="sm" asChild>
                <Link to="/account">
                  <CircleUser /> Your account
                </Link>
              </Button>
            }
          >
            {me ? (
              <Facts
                items={[
                  { name: "Name", value: me.user.name },
                  { name: "E-mail", value: me.user.email },
                  { name: "Organisation", value: me.organisation.name },
                  { name: "Account created", value: <Time value={me.user.created_at} /> },
                ]}
              />
            ) : (
              <Skeleton className="h-28 w-full" />
            )}
          </Panel>
          <Panel
            title="This session"
            actions={
              <Button size="sm" onClick={logOut}>
                <LogOut /> Log out
              </Button>
            }
          >
            {me?.session ? (
              <Facts
                items={[
                  { name: "Began", value: <Time value={me.session.created_at} /> },
                  { name: "Ends", value: <Time value={me.session.expires_at} /> },
                  { name: "Session id", value: <Id value={me.session.id} label="session id" /> },
                ]}
              />
            ) : (
              <Skeleton className="h-16 w-full" />
            )}
          </Panel>
          <OrganisationPanel />
          <TimeZonePanel />
          <ApprovalPanel />
          <ScriptsPanel />
          <StopCommandsPanel />
          <CustomFieldsPanel />
          <RetentionPanel />
          <CommandRetentionPanel />
          <AuditRetentionPanel />
          <Panel title="Theme">
            <RadioCards<Theme>
              label="Theme"
              value={theme}
              onValue={(next) => themeStore.set(next)}
              options={[
                { value: "system", label: "System", icon: <Monitor aria-hidden className="size-4 text-soft" /> },
                { value: "light", label: "Light", icon: <Sun aria-hidden className="size-4 text-soft" /> },
                { value: "dark", label: "Dark", icon: <Moon aria-hidden className="size-4 text-soft" /> },
              ]}
            />
          </Panel>
          <Panel title="Programming interface">
            <p className="text-sm text-soft">
              Everything the dashboard does goes through the HTTP interface, and any program may use it too.
            </p>
            <p className="mt-2 flex flex-wrap gap-x-5 gap-y-2 text-sm">
              <a
                href="/api/docs"
                target="_blank"
                rel="noreferrer"
                className="inline-flex items-center gap-1 font-medium text-accent-text underline"
              >
                Read the description <ExternalLink aria-hidden className="size-3.5" />
              </a>
              <a
                href="/api/openapi.json"
                target="_blank"
                rel="noreferrer"
                className="inline-flex items-center gap-1 font-medium text-accent-text underline"
              >
                OpenAPI document <ExternalLink aria-hidden className="size-3.5" />
              </a>
            </p>
          </Panel>
        </div>
      </PageBody>
    </Page>
  );
}
