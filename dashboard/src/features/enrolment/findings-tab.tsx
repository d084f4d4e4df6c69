import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { SearchCheck } from "lucide-react";
import { useMemo, useState } from "react";
import { pages } from "@/api/client";
import type { Finding } from "@/api/types";
import { CELL_LINK, type Column } from "@/components/data-table/column";
import { DataTable } from "@/components/data-table/data-table";
import { OtherMachine } from "@/components/enrolment/finding-note";
import { FINDING_TITLE, findingWords } from "@/components/enrolment/finding-words";
import { EmptyState } from "@/components/feedback";
import { FilterBar } from "@/components/page";
import { useScope } from "@/components/scope";
import { Time } from "@/components/time";
import { cn } from "@/lib/cn";
import { Button } from "@/ui/button";
import { Select } from "@/ui/input";
import { FindingActions, FindingDialog } from "./finding-actions";
import { FINDING_KINDS } from "./search";

const findingId = (finding: Finding) => finding.id;

function MachineName({ finding }: { finding: Finding }) {
  return (
    <Link
      to="/machines/$id"
      params={{ id: finding.agent_id }}
      title={finding.agent_name}
      className={cn(CELL_LINK, "font-medium")}
    >
      {finding.agent_name}
    </Link>
  );
}

/** The columns; what was found opens with all that is known of it. */
function columnsOf(open: (finding: Finding) => void): Column<Finding>[] {
  return [
    {
      id: "machine",
      header: "Machine",
      width: 180,
      cell: (finding) => <MachineName finding={finding} />,
    },
    { id: "kind", header: "Finding", width: 160, cell: (finding) => FINDING_TITLE[finding.kind] },
    {
      id: "words",
      header: "What it means",
      width: 340,
      isGrowing: true,
      cell: (finding) => (
        <button
          type="button"
          title={findingWords(finding)}
          onClick={() => open(finding)}
          className={cn(CELL_LINK, "text-soft")}
        >
          {findingWords(finding)}
        </button>
      ),
    },
    {
      id: "other",
      header: "Other machine",
      width: 130,
      cell: (finding) =>
        finding.other_agent_id ? (
          <OtherMachine finding={finding} className={CELL_LINK} />
        ) : (
          <span className="text-soft">—</span>
        ),
    },
    {
      id: "place",
      header: "Client and site",
      width: 180,
      cell: (finding) => (
        <span className="text-soft">
          {finding.client_name} › {finding.site_name}
        </span>
      ),
    },
    { id: "found", header: "Found", width: 95, cell: (finding) => <Time value={finding.found_at} /> },
    {
      id: "actions",
      header: "Actions",
      width: 125,
      cell: (finding) => <FindingActions finding={finding} onOpen={() => open(finding)} />,
    },
  ];
}

/** What is odd about machines' identities. */
export function FindingsTab() {
  const scope = useScope();
  const { kind } = useSearch({ from: "/app/enrolment" });
  const navigate = useNavigate({ from: "/enrolment" });
  const setKind = (next: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, kind: next as Finding["kind"] | undefined }), replace: true });
  const list = useInfiniteQuery(pages("finding_list", { ...scope, ...(kind ? { kind } : {}) }));
  const [opened, setOpened] = useState<Finding>();
  const columns = useMemo(() => columnsOf(setOpened), []);
  return (
    <>
      <div className="pt-2.5">
        <FilterBar>
          <Select
            aria-label="Kind of finding"
            value={kind ?? ""}
            onChange={(event) => setKind(event.target.value || undefined)}
            className="max-sm:flex-1"
          >
            <option value="">Any finding</option>
            {FINDING_KINDS.map((name) => (
              <option key={name} value={name}>
                {FINDING_TITLE[name]}
              </option>
            ))}
          </Select>
        </FilterBar>
      </div>
      <DataTable
        label="Findings"
        noun="findings"
        query={list}
        view={[scope, kind]}
        columns={columns}
        rowId={findingId}
        rowLabel={(finding) => `${FINDING_TITLE[finding.kind]}: ${finding.agent_name}`}
        onRow={setOpened}
        compact={(finding) => (
          <div className="flex items-center gap-2">
            <div className="min-w-0 flex-1">
              <MachineName finding={finding} />
              <p className="truncate text-soft text-xs">
                {FINDING_TITLE[finding.kind]} · <Time value={finding.found_at} />
              </p>
            </div>
            <FindingActions finding={finding} onOpen={() => setOpened(finding)} />
          </div>
        )}
        empty={
          <EmptyState
            icon={SearchCheck}
            title={kind ? "Nothing of this kind was found" : "Nothing was found"}
            action={kind && <Button onClick={() => setKind(undefined)}>Show every finding</Button>}
          >
            Whatever is odd about a machine's identity stands here: the same name or hardware twice, a copied disk, a
            machine that looks like a sandbox. Nothing needs to be done now.
          </EmptyState>
        }
      />
      {opened && <FindingDialog finding={opened} onClose={() => setOpened(undefined)} />}
    </>
  );
}
