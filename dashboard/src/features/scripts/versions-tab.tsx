import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { q } from "@/api/client";
import type { Script, ScriptVersion } from "@/api/types";
import { ErrorView } from "@/components/feedback";
import { PageBody } from "@/components/page";
import { ConfirmDialog } from "@/ui/dialog";
import { Panel, Skeleton } from "@/ui/panel";
import { ApproveDialog, WithdrawDialog } from "./approve-dialogs";
import { ComparePanel } from "./compare-panel";
import { type VersionAct, VersionRow } from "./version-row";

interface VersionsTabProps {
  script: Script;
  /** Something is being written that is not saved. */
  isDirty: boolean;
  onStartFrom: (version: ScriptVersion) => void;
}

/** Every version of a script, who wrote it, which one runs, and how two differ. */
export function VersionsTab({ script, isDirty, onStartFrom }: VersionsTabProps) {
  const query = useQuery(q("script_version_list", { path: { id: script.id } }));
  const versions = query.data?.items;
  return (
    <PageBody className="pt-4">
      {versions ? (
        <Versions script={script} versions={versions} isDirty={isDirty} onStartFrom={onStartFrom} />
      ) : query.error ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton className="h-64 w-full rounded-lg" />
      )}
    </PageBody>
  );
}

function Versions({ script, versions, isDirty, onStartFrom }: VersionsTabProps & { versions: ScriptVersion[] }) {
  const search = useSearch({ from: "/app/scripts/$id" });
  const navigate = useNavigate({ from: "/scripts/$id" });
  const [acting, setActing] = useState<{ act: VersionAct; version: ScriptVersion }>();
  const close = () => setActing(undefined);
  const compare = (change: { old?: number; new?: number }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const act = (what: VersionAct, version: ScriptVersion) => {
    if (what === "compare") compare({ old: version.number, new: script.newest_version });
    else if (what === "start" && !isDirty) onStartFrom(version);
    else setActing({ act: what, version });
  };
  const approved = versions.find(({ number }) => number === script.approved_version);
  const { old = usualOld(script), new: next = script.newest_version } = search;
  return (
    <div className="grid items-start gap-4 2xl:grid-cols-[30rem_minmax(0,1fr)]">
      <Panel title="Versions" bodyClassName="max-h-[70dvh] overflow-y-auto p-0">
        <ol aria-label="Versions, the newest first" className="divide-y divide-line">
          {versions.map((version) => (
            <VersionRow key={version.number} script={script} version={version} onAct={(what) => act(what, version)} />
          ))}
        </ol>
        {versions.length < script.newest_version && (
          <p className="border-line border-t px-4 py-2 text-soft text-xs">The latest {versions.length} are listed.</p>
        )}
      </Panel>
      <ComparePanel versions={versions} old={old} next={next} onChoose={compare} />
      {acting?.act === "approve" && (
        <ApproveDialog script={script} version={acting.version} approved={approved} onClose={close} />
      )}
      {acting?.act === "withdraw" && <WithdrawDialog script={script} onClose={close} />}
      <ConfirmDialog
        isOpen={acting?.act === "start"}
        onClose={close}
        title="Drop what is not saved?"
        confirmLabel={`Begin with version ${acting?.version.number ?? ""}`}
        onConfirm={() => {
          close();
          if (acting) onStartFrom(acting.version);
        }}
      >
        <p>The editor holds changes that are not saved. They are lost when it begins with this version.</p>
      </ConfirmDialog>
    </div>
  );
}

/** What the newest is compared with unless another is chosen: what runs now, or what was before. */
function usualOld({ approved_version: approved, newest_version: newest }: Script): number {
  return approved && approved !== newest ? approved : Math.max(1, newest - 1);
}
