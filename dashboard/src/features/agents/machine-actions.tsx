import { useNavigate } from "@tanstack/react-router";
import { Ellipsis, FolderInput, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import type { Operation } from "@/api/operations";
import type { Agent } from "@/api/types";
import { agentName } from "@/components/agent-name";
import { ActDialog } from "@/components/enrolment/act-dialog";
import { type MachineAct, machineOf } from "@/components/enrolment/machine-act";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { useCannot } from "@/components/me";
import { useAction } from "@/components/use-action";
import { Button, IconButton } from "@/ui/button";
import { ConfirmDialog, Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Menu, MenuItem, MenuSeparator } from "@/ui/menu";
import { IdentityItems } from "./identity-items";
import { MoveDialog } from "./move-dialog";

const STALE: Operation[] = ["agent_get", "agent_list", "agent_summary", "client_list", "site_list", "audit_event_list"];

/** Rename, move, delete; and what is decided about its identity. */
export function MachineActions({ agent }: { agent: Agent }) {
  const [dialog, setDialog] = useState<"rename" | "move" | "delete">();
  const [act, setAct] = useState<MachineAct>();
  const navigate = useNavigate();
  const place = { clientId: agent.client_id, siteId: agent.site_id };
  const cannotEdit = useCannot("agents.edit", place);
  const cannotDelete = useCannot("agents.delete", place);
  const close = () => setDialog(undefined);
  const move = useAction("agent_update", {
    stale: STALE,
    done: (answer) => `Moved to ${answer.client_name} › ${answer.site_name}`,
  });
  const remove = useAction("agent_delete", {
    done: () => `${agentName(agent)} deleted`,
    // leaves the page before anything reads the machine again
    after: async () => {
      await navigate({ to: "/machines" });
      void invalidate("agent_list", "agent_summary", "client_list", "site_list", "audit_event_list");
    },
  });
  return (
    <>
      <div className="flex gap-2 max-sm:hidden">
        <Button disabledReason={cannotEdit} onClick={() => setDialog("rename")}>
          <Pencil /> Rename
        </Button>
        <Button disabledReason={cannotEdit} onClick={() => setDialog("move")}>
          <FolderInput /> Move
        </Button>
        <Button variant="danger" disabledReason={cannotDelete} onClick={() => setDialog("delete")}>
          <Trash2 /> Delete
        </Button>
        <Menu
          label="More actions"
          trigger={
            <IconButton label="More actions" variant="secondary">
              <Ellipsis />
            </IconButton>
          }
        >
          <IdentityItems agent={agent} onAct={setAct} />
        </Menu>
      </div>
      <div className="sm:hidden">
        <Menu
          label="Actions"
          trigger={
            <IconButton label="Actions" variant="secondary">
              <Ellipsis />
            </IconButton>
          }
        >
          <MenuItem disabledReason={cannotEdit} onSelect={() => setDialog("rename")}>
            <Pencil /> Rename
          </MenuItem>
          <MenuItem disabledReason={cannotEdit} onSelect={() => setDialog("move")}>
            <FolderInput /> Move
          </MenuItem>
          <MenuSeparator />
          <IdentityItems agent={agent} onAct={setAct} />
          <MenuItem isDanger disabledReason={cannotDelete} onSelect={() => setDialog("delete")}>
            <Trash2 /> Delete
          </MenuItem>
        </Menu>
      </div>
      {act && <ActDialog act={act} machines={[machineOf(agent)]} onClose={() => setAct(undefined)} />}
      {dialog === "rename" && <RenameDialog agent={agent} onClose={close} />}
      {dialog === "move" && (
        <MoveDialog
          count={1}
          from={[place]}
          onClose={close}
          onMove={async (site) => {
            try {
              await move.mutateAsync({ path: { id: agent.id }, body: { site_id: site.value } });
              close();
            } catch {
              // Told by a message already; the dialog stays for another try.
            }
          }}
        />
      )}
      <ConfirmDialog
        isOpen={dialog === "delete"}
        onClose={close}
        title={`Delete ${agentName(agent)}?`}
        confirmLabel="Delete machine"
        isPending={remove.isPending}
        onConfirm={() => remove.mutate({ path: { id: agent.id } })}
      >
        <p>
          Its connection is closed and its commands are deleted. Its measurements can no longer be read and leave the
          database when their retention ends. To return it needs a new site key.
        </p>
      </ConfirmDialog>
    </>
  );
}

function RenameDialog({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const form = useForm({ defaultValues: { name: agent.display_name ?? "" } });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async ({ name }) => {
    try {
      await call("agent_update", { path: { id: agent.id }, body: { display_name: name.trim() || null } });
      void invalidate(...STALE);
      onClose();
    } catch (error) {
      showFormError(error, form.setError, { display_name: "name" });
    }
  });
  return (
    <Dialog isOpen onClose={onClose} title="Rename">
      <form onSubmit={submit} noValidate className="flex flex-col gap-3">
        <Field
          label="Display name"
          error={errors.name?.message}
          hint={`Leave it empty to show the host name, ${agent.hostname}.`}
        >
          {(control) => (
            <Input {...control} {...form.register("name")} autoFocus placeholder={agent.hostname} autoComplete="off" />
          )}
        </Field>
        <FormError message={errors.root?.message} />
        <div className="flex justify-end">
          <Button type="submit" variant="primary" isPending={isSubmitting}>
            Save name
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
