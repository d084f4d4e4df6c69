import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { KeyRound, Lock } from "lucide-react";
import type { ReactNode } from "react";
import type { Permission } from "@/api/can";
import { EmptyState } from "@/components/feedback";
import { useCannotIn } from "@/components/me";
import { Page } from "@/components/page";
import { useFullScope } from "@/components/scope";
import { Button } from "@/ui/button";
import { Tabs } from "@/ui/tabs";
import { FailedTab } from "./failed-tab";
import { FindingsTab } from "./findings-tab";
import { HeldTab } from "./held-tab";
import { HistoryTab } from "./history-tab";
import type { EnrolmentTab } from "./search";
import { WaitingTab } from "./waiting-tab";

interface TabEntry {
  value: EnrolmentTab;
  label: string;
  permission: Permission;
  content: ReactNode;
}

const TABS: TabEntry[] = [
  { value: "waiting", label: "Waiting", permission: "agents.view", content: <WaitingTab /> },
  { value: "findings", label: "Findings", permission: "agents.view", content: <FindingsTab /> },
  { value: "held", label: "Kept away", permission: "agents.view", content: <HeldTab /> },
  { value: "failed", label: "Failed installations", permission: "site_keys.view", content: <FailedTab /> },
  { value: "history", label: "History", permission: "audit.view", content: <HistoryTab /> },
];

/** How machines come in: who waits, what is odd about whom, who is kept away, and where it failed. */
export function EnrolmentPage() {
  const { tab } = useSearch({ from: "/app/enrolment" });
  const navigate = useNavigate({ from: "/enrolment" });
  const scope = useFullScope();
  const cannot: Partial<Record<Permission, string | undefined>> = {
    "agents.view": useCannotIn("agents.view", scope),
    "site_keys.view": useCannotIn("site_keys.view", scope),
    "audit.view": useCannotIn("audit.view", scope),
  };
  const tabs = TABS.filter(({ permission }) => !cannot[permission]);
  const open = tabs.find(({ value }) => value === tab) ?? tabs[0];
  return (
    <Page
      title="Enrolment"
      subtitle="Which machines come in, and which are kept away."
      actions={
        !cannot["site_keys.view"] && (
          <Button asChild>
            <Link to="/site-keys">
              <KeyRound /> Site keys
            </Link>
          </Button>
        )
      }
    >
      {open ? (
        <Tabs<EnrolmentTab>
          label="Enrolment"
          value={open.value}
          onValue={(next) =>
            void navigate({
              search: (before) => ({ ...before, tab: next === "waiting" ? undefined : next }),
              replace: true,
            })
          }
          tabs={tabs}
        />
      ) : (
        <EmptyState icon={Lock} title="You may not see how machines enrol here" className="flex-1">
          None of your roles names it. Ask an administrator if it should.
        </EmptyState>
      )}
    </Page>
  );
}
