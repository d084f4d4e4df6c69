import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { call, queryClient } from "@/api/client";
import type { Answer } from "@/api/operations";
import { ApiError } from "@/api/problem";
import { ErrorView, FormError } from "@/components/feedback";
import { sentence, showFormError } from "@/components/form";
import { FrontPage } from "@/components/front-page";
import { useHashToken } from "@/components/hash-token";
import { NewPassword } from "@/components/new-password";
import { enterOrganisation } from "@/components/switch-organisation";
import { Time } from "@/components/time";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Skeleton } from "@/ui/panel";
import { LoginForm } from "./login-form";

type Invitation = Answer<"invitation_peek">;

const onlyOnce = { retry: false, refetchOnWindowFocus: false, staleTime: Number.POSITIVE_INFINITY } as const;

/** Who is logged in here, if anybody is. */
async function whoIsHere(): Promise<string | null> {
  try {
    return (await call("auth_me", {})).user.email;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** Where the link of an invitation leads. */
export function JoinPage() {
  const token = useHashToken();
  return token ? <Join key={token} token={token} /> : <NoLink />;
}

function Join({ token }: { token: string }) {
  const invitation = useQuery({
    queryKey: ["invitation_peek", token],
    queryFn: () => call("invitation_peek", { body: { token } }),
    ...onlyOnce,
  });
  const here = useQuery({ queryKey: ["auth_me", "join"], queryFn: whoIsHere, ...onlyOnce });
  const error = invitation.error ?? here.error;
  if (error) {
    return (
      <FrontPage title="Join">
        <ErrorView
          error={error}
          className="py-4"
          onRetry={() => {
            if (invitation.error) void invitation.refetch();
            if (here.error) void here.refetch();
          }}
        />
      </FrontPage>
    );
  }
  if (!invitation.data || here.data === undefined) {
    return (
      <FrontPage title="Join">
        <div className="flex flex-col gap-4">
          <Skeleton className="h-9 w-full" />
          <Skeleton className="h-9 w-full" />
        </div>
      </FrontPage>
    );
  }
  return <Invited token={token} invitation={invitation.data} here={here.data} onChanged={() => void here.refetch()} />;
}

interface InvitedProps {
  token: string;
  invitation: Invitation;
  here: string | null;
  /** Somebody has logged in or out. */
  onChanged: () => void;
}

function Invited({ token, invitation, here, onChanged }: InvitedProps) {
  const { organisation_name, email, invited_by_name, roles, expires_at, has_account } = invitation;
  const isMine = here !== null && here.toLowerCase() === email.toLowerCase();
  return (
    <FrontPage
      title={`Join ${organisation_name}`}
      subtitle={
        <div className="flex flex-col gap-1 break-words">
          <p>
            {invited_by_name ? <strong className="font-medium text-ink">{invited_by_name}</strong> : "The provider"}{" "}
            invited <strong className="font-medium text-ink">{email}</strong>
            {roles.length > 0 && ` as ${roles.join(", ")}`}.
          </p>
          <p>
            The link ends <Time value={expires_at} />.
          </p>
        </div>
      }
    >
      {isMine ? (
        <Accept token={token} organisation={organisation_name} />
      ) : here !== null ? (
        <OtherAccount here={here} email={email} onLogOut={onChanged} />
      ) : has_account ? (
        <>
          <p className="mb-3 text-sm">You have an account here. Log in, and join with it.</p>
          <LoginForm email={email} onDone={onChanged} />
        </>
      ) : (
        <Register token={token} />
      )}
    </FrontPage>
  );
}

function Accept({ token, organisation }: { token: string; organisation: string }) {
  const [isPending, setPending] = useState(false);
  const [problem, setProblem] = useState<string>();
  const accept = async () => {
    setPending(true);
    try {
      const { organisation_id } = await call("auth_accept", { body: { token } });
      await enterOrganisation(organisation_id);
    } catch (error) {
      setProblem(sentence(error));
      setPending(false);
    }
  };
  return (
    <div className="flex flex-col gap-3">
      <FormError message={problem} />
      <Button variant="primary" className="w-full" isPending={isPending} onClick={() => void accept()}>
        <span className="truncate">Join {organisation}</span>
      </Button>
    </div>
  );
}

function OtherAccount({ here, email, onLogOut }: { here: string; email: string; onLogOut: () => void }) {
  const [problem, setProblem] = useState<string>();
  const logOut = async () => {
    try {
      await call("auth_logout", {});
      onLogOut();
    } catch (error) {
      setProblem(sentence(error));
    }
  };
  return (
    <div className="flex flex-col gap-3">
      <p className="break-words text-sm">
        You are logged in as <strong className="font-medium">{here}</strong>, and the invitation is for{" "}
        <strong className="font-medium">{email}</strong>.
      </p>
      <FormError message={problem} />
      <Button className="w-full" onClick={() => void logOut()}>
        Log out and go on
      </Button>
    </div>
  );
}

function Register({ token }: { token: string }) {
  const form = useForm({ defaultValues: { name: "", password: "", repeat: "" } });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async ({ name, password }) => {
    try {
      await call("auth_register", { body: { token, name: name.trim(), password } });
      queryClient.clear();
      window.location.assign("/");
    } catch (error) {
      showFormError(error, form.setError, { name: "name", password: "password" });
    }
  });
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <Field label="Your name" error={errors.name?.message} hint="As the others here see you.">
        {(control) => (
          <Input
            {...control}
            {...form.register("name", { validate: (text) => text.trim() !== "" || "Write your name." })}
            autoComplete="name"
            autoFocus
          />
        )}
      </Field>
      <NewPassword form={form} name="password" repeat="repeat" />
      <FormError message={errors.root?.message} />
      <Button type="submit" variant="primary" isPending={isSubmitting} className="mt-1 w-full">
        Create account and join
      </Button>
    </form>
  );
}

function NoLink() {
  return (
    <FrontPage
      title="Join"
      subtitle="This page opens with the link of an invitation. Open the whole link that you were sent, or ask for a new one."
    >
      <Button asChild className="w-full">
        <Link to="/login">Go to the login</Link>
      </Button>
    </FrontPage>
  );
}
