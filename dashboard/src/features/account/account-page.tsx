import { useNavigate, useSearch } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import type { Me } from "@/api/types";
import { AccessView } from "@/components/access-view";
import { ApiKeyTable } from "@/components/api-key-table";
import { CreateApiKeyDialog } from "@/components/create-api-key-dialog";
import { useCannot, useMe } from "@/components/me";
import { Page, PageBody } from "@/components/page";
import { Button } from "@/ui/button";
import { Skeleton } from "@/ui/panel";
import { Tabs } from "@/ui/tabs";
import { NamePanel } from "./name-panel";
import { OwnSessions } from "./own-sessions";
import { PasswordPanel } from "./password-panel";
import type { AccountTab } from "./search";

/** What belongs to whoever is signed in, whatever they may do here. */
export function AccountPage() {
  const me = useMe();
  return (
    <Page title="Your account" subtitle={me && <span className="break-all">{me.user.email}</span>}>
      {me ? <AccountTabs me={me} /> : <Skeleton className="mx-4 h-64 rounded-lg" />}
    </Page>
  );
}

function AccountTabs({ me }: { me: Me }) {
  const { tab = "you", at_client, at_site, show } = useSearch({ from: "/app/account" });
  const navigate = useNavigate({ from: "/account" });
  const set = (change: object) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  return (
    <Tabs<AccountTab>
      label="Your account"
      value={tab}
      onValue={(next) => set({ tab: next === "you" ? undefined : next })}
      tabs={[
        {
          value: "you",
          label: "Name and password",
          content: (
            <PageBody className="pt-4">
              <div className="flex max-w-xl flex-col gap-4">
                <NamePanel key={me.user.name} name={me.user.name} />
                <PasswordPanel email={me.user.email} />
              </div>
            </PageBody>
          ),
        },
        {
          value: "sign-ins",
          label: "Sign-ins",
          content: (
            <PageBody className="pt-4">
              <OwnSessions />
            </PageBody>
          ),
        },
        {
          value: "access",
          label: "What you may do",
          content: (
            <PageBody className="pt-4">
              <AccessView
                userId={me.user.id}
                who="you"
                place={{ clientId: at_client, siteId: at_site }}
                onPlace={({ clientId, siteId }) => set({ at_client: clientId, at_site: siteId })}
                filter={show}
                onFilter={(next) => set({ show: next })}
              />
            </PageBody>
          ),
        },
        { value: "api-keys", label: "API keys", content: <OwnKeys userId={me.user.id} /> },
      ]}
    />
  );
}

function OwnKeys({ userId }: { userId: string }) {
  const [isCreating, setCreating] = useState(false);
  const cannot = useCannot("api_keys.own");
  const create = () => setCreating(true);
  return (
    <>
      <div className="flex shrink-0 flex-wrap items-center gap-3 border-line border-b px-4 py-2.5 max-md:px-3">
        <p className="min-w-0 flex-1 text-sm text-soft">
          With a key a program acts in your name, and never may do more than you.
        </p>
        <Button disabledReason={cannot} onClick={create}>
          <Plus /> New API key
        </Button>
      </div>
      <ApiKeyTable
        query={{ user_id: userId }}
        isOfOne
        className="border-t-0"
        emptyText="You have made none here. Make one for a program that is to read or do something for you."
      />
      {isCreating && <CreateApiKeyDialog onClose={() => setCreating(false)} />}
    </>
  );
}
