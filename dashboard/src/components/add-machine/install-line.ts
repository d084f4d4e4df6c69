/** How far an install line reaches, which the address of the server decides. */
export type Reach =
  /** From every machine that can reach the server, safely. */
  | "everywhere"
  /** From the server's own machine only: elsewhere the address means that other machine. */
  | "here"
  /** Over plain HTTP, which the agent refuses unless it is told to accept it. */
  | "in_the_clear";

/** As the agent judges an address: TLS, or no network at all. */
export function reachOf(serverUrl: string): Reach {
  const { hostname, protocol } = new URL(serverUrl);
  if (hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname)) return "here";
  return protocol === "https:" ? "everywhere" : "in_the_clear";
}

/** The one line that installs the agent on Linux, exactly as it is to be pasted. */
export const linuxInstallLine = (serverUrl: string, key: string, isInsecureAllowed = false): string =>
  `curl -fsSL ${serverUrl}/install.sh | sudo sh -s -- --server ${serverUrl}${isInsecureAllowed ? " --allow-insecure" : ""} --site-key ${key}`;

export const LIFETIMES = [
  { value: "3600", label: "1 hour" },
  { value: "86400", label: "24 hours" },
  { value: "604800", label: "7 days" },
  { value: "2592000", label: "30 days" },
  { value: "", label: "No end" },
] as const;

export const USES = [
  { value: "1", label: "One machine" },
  { value: "10", label: "10 machines" },
  { value: "100", label: "100 machines" },
  { value: "", label: "No limit" },
] as const;

export interface KeyOptions {
  name: string;
  uses: string;
  lifetime: string;
  /** Whether machines wait until somebody lets them in. */
  needsApproval?: boolean;
}

/** What the server is asked for: an empty choice means without a limit, which it takes as null. */
export function keyRequest(siteId: string, options: KeyOptions, now: number) {
  return {
    site_id: siteId,
    name: options.name.trim(),
    max_uses: options.uses === "" ? null : Number(options.uses),
    expires_at: options.lifetime === "" ? null : new Date(now + Number(options.lifetime) * 1000).toISOString(),
    ...(options.needsApproval ? { needs_approval: true } : {}),
  };
}
