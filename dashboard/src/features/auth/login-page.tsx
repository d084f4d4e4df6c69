import { useQuery } from "@tanstack/react-query";
import { Link, useRouter, useSearch } from "@tanstack/react-router";
import { q, queryClient } from "@/api/client";
import { FrontPage } from "@/components/front-page";
import { safeNext } from "@/lib/search-params";
import { LoginForm } from "./login-form";

export function LoginPage() {
  const { next } = useSearch({ from: "/login" });
  const router = useRouter();
  const setup = useQuery({ ...q("setup_get", {}), refetchOnWindowFocus: false });
  return (
    <FrontPage title="Log in" subtitle={next ? "Log in to go on where you were." : undefined}>
      <LoginForm
        onDone={() => {
          queryClient.clear();
          router.history.push(safeNext(next));
        }}
      />
      {setup.data?.open && (
        <p className="mt-4 border-line border-t pt-3 text-sm">
          This server has no administrator yet.{" "}
          <Link to="/setup" className="font-medium text-accent-text underline">
            Set it up
          </Link>
        </p>
      )}
    </FrontPage>
  );
}
