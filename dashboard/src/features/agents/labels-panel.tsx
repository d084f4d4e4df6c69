import { Link } from "@tanstack/react-router";
import { Pencil } from "lucide-react";
import { useState } from "react";
import type { Agent, CustomField } from "@/api/types";
import { fieldWords } from "@/components/field-value";
import { useCannot } from "@/components/me";
import { TagLinks } from "@/components/tag";
import { Button } from "@/ui/button";
import { Facts, Panel } from "@/ui/panel";
import { LabelsDialog } from "./labels-dialog";
import { useCustomFields } from "./use-custom-fields";

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
  const [isEditing, setEditing] = useState(false);
  const fields = useCustomFields();
  const cannot = useCannot("agents.edit", { clientId: agent.client_id, siteId: agent.site_id });
  return (
    <Panel
      title="Tags and fields"
      actions={
        <Button size="sm" disabledReason={cannot} onClick={() => setEditing(true)} aria-label="Edit tags and fields">
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
      {isEditing && <LabelsDialog agent={agent} fields={fields} onClose={() => setEditing(false)} />}
    </Panel>
  );
}
