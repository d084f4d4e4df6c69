import { TriangleAlert } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Checkbox } from "@/ui/checkbox";
import { CopyBlock } from "../copy";
import { useMe } from "../me";
import { linuxInstallLine, reachOf } from "./install-line";

/** The install line with the server's own address, and what its reader has to know before the line can work. */
export function InstallLineBlock({ siteKey }: { siteKey: string }) {
  const serverUrl = useMe()?.public_url ?? window.location.origin;
  const [isAllowed, setAllowed] = useState(false);
  const reach = reachOf(serverUrl);
  return (
    <div className="flex flex-col gap-3">
      {reach === "here" && (
        <Warning title="This line works on this machine only">
          On any other machine, {new URL(serverUrl).host} is that machine itself. Set <Name>public_url</Name> in the
          server's configuration to the address by which the machines reach it, and start the server again.
        </Warning>
      )}
      {reach === "in_the_clear" && (
        <Warning title="The agent refuses an address without TLS">
          <span className="block">
            Over plain HTTP everybody on the way can read the machine's keys. Put a TLS proxy in front of the server and
            set <Name>public_url</Name> to its https address.
          </span>
          <span className="mt-2 block text-ink">
            <Checkbox
              isLabelVisible
              label="Accept it for a trial in a network that I trust"
              hint="Adds --allow-insecure to the line."
              checked={isAllowed}
              onChecked={setAllowed}
            />
          </span>
        </Warning>
      )}
      <CopyBlock text={linuxInstallLine(serverUrl, siteKey, isAllowed)} label="Install line" />
    </div>
  );
}

function Warning({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div role="note" className="flex items-start gap-2 rounded-md bg-warn-soft px-3 py-2 text-sm">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
      <div className="min-w-0">
        <p className="font-medium text-warn">{title}</p>
        <div className="text-soft">{children}</div>
      </div>
    </div>
  );
}

function Name({ children }: { children: string }) {
  return <code className="font-mono text-ink text-xs">{children}</code>;
}
