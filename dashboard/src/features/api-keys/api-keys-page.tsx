import { Plus } from "lucide-react";
import { useState } from "react";
import { ApiKeyTable } from "@/components/api-key-table";
import { CreateApiKeyDialog } from "@/components/create-api-key-dialog";
import { useCannot } from "@/components/me";
import { Page } from "@/components/page";
import { Button } from "@/ui/button";

/** Everybody's keys; one's own are on the account's page too. */
export function ApiKeysPage() {
  const [isCreating, setCreating] = useState(false);
  const cannot = useCannot("api_keys.own");
  const create = () => setCreating(true);
  return (
    <Page
      title="API keys"
      subtitle="With a key a program acts in somebody's name, and never may do more than they."
      actions={
        <Button disabledReason={cannot} onClick={create}>
          <Plus /> New API key
        </Button>
      }
    >
      <ApiKeyTable
        query={{}}
        emptyText="Nobody here has made a key. Everything the dashboard does, a program with a key may do too."
        emptyAction={
          <Button variant="primary" disabledReason={cannot} onClick={create}>
            <Plus /> Create the first
          </Button>
        }
      />
      {isCreating && <CreateApiKeyDialog onClose={() => setCreating(false)} />}
    </Page>
  );
}
