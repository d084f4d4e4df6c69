import { call } from "@/api/client";
import { explain } from "@/api/problem";
import { toast } from "@/ui/toaster";

/** Everything on the page is of one organisation: the other begins with a fresh page. */
export async function enterOrganisation(id: string): Promise<void> {
  await call("auth_switch", { body: { organisation_id: id } });
  window.location.assign("/");
}

export function switchOrganisation(id: string): void {
  enterOrganisation(id).catch((error: unknown) => {
    const { title, advice } = explain(error);
    toast("failed", title, advice);
  });
}
