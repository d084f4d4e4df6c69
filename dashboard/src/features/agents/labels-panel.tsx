import { Link } from "@tanstack/react-router";
import { Pencil } from "lucide-react";
import type { Agent, CustomField } from "@/api/types";
import { fieldWords } from "@/components/field-value";
import { useOpenAction } from "@/components/machine-actions/open-action";
import { useCannot } from "@/components/me";
import { TagLinks } from "@/components/tag";
import { useCustomFields } from "@/components/use-custom-fields";
import { Button } from "@/ui/button";
import { Facts, Panel } from "@/ui/panel";

function factOf(agent: Agent, { id, name, kind }: CustomField) {
  const value = agent.custom_fields[id];
  return {
    name,
    value:
      value === undefined ? (
        <span className="text-soft">—</span>
      ) : (
        <Link
          to="/machines"
          search={{ field: `${id}:${value}` }}
          title="Machines with the same value"
          className="hover:underline"
        >
          {fieldWords(kind, value)}
        </Link>
      ),
  };
}

/** What people have added to the machine: its tags, and what the organisation's fields say of it. */
export function LabelsPanel({ agent }: { agent: Agent }) {
  const open = useOpenAction();
  const fields = useCustomFields();
  const cannot = useCannot("agents.edit", { clientId: agent.client_id, siteId: agent.site_id });
  return (
    <Panel
      title="Tags and fields"
      actions={
        <Button
          size="sm"
          disabledReason={cannot}
          onClick={() => open("labels", { machines: [agent] })}
          aria-label="Edit tags and fields"
        >
          <Pencil /> Edit
        </Button>
      }
    >
      <Facts
        items={[
          { name: "Tags", value: <TagLinks tags={agent.tags} /> },
          ...fields.map((field) => factOf(agent, field)),
        ]}
      />
    </Panel>
  );
}
