/** The one line that installs the agent on Linux, exactly as it is to be pasted. */
export const linuxInstallLine = (origin: string, key: string): string =>
  `curl -fsSL ${origin}/install.sh | sudo sh -s -- --server ${origin} --site-key ${key}`;

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
}

/** What the server is asked for: an empty choice means without a limit, which it takes as null. */
export function keyRequest(siteId: string, options: KeyOptions, now: number) {
  return {
    site_id: siteId,
    name: options.name.trim(),
    max_uses: options.uses === "" ? null : Number(options.uses),
    expires_at: options.lifetime === "" ? null : new Date(now + Number(options.lifetime) * 1000).toISOString(),
  };
}
