/** What went wrong, as the server names it (problem+json), and what the reader can do about it. */

export interface FieldError {
  field: string;
  message: string;
}

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | undefined;
  readonly errors: FieldError[];
  /** Seconds to wait, when the server said so. */
  readonly retryAfter: number | undefined;

  constructor(init: {
    status: number;
    code: string;
    detail: string;
    requestId?: string;
    errors?: FieldError[];
    retryAfter?: number;
  }) {
    super(init.detail);
    this.name = "ApiError";
    this.status = init.status;
    this.code = init.code;
    this.requestId = init.requestId;
    this.errors = init.errors ?? [];
    this.retryAfter = init.retryAfter;
  }
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

const CODE_OF_STATUS: Record<number, string> = {
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  429: "rate_limited",
  502: "unavailable",
  503: "unavailable",
  504: "unavailable",
};

/** Reads an answer that is not a success. A proxy's HTML page has no code: the status then decides. */
export function problemOf(response: Response, body: unknown): ApiError {
  const problem = record(body);
  const errors = Array.isArray(problem.errors)
    ? problem.errors.flatMap((entry: unknown) => {
        const field = text(record(entry).field);
        const message = text(record(entry).message);
        return field && message ? [{ field, message }] : [];
      })
    : [];
  const after = Number(response.headers.get("retry-after"));
  return new ApiError({
    status: response.status,
    code:
      text(problem.code) ??
      CODE_OF_STATUS[response.status] ??
      (response.status >= 500 ? "internal" : "invalid_request"),
    detail: text(problem.detail) ?? text(problem.title) ?? `The server answered with status ${response.status}.`,
    requestId: text(problem.request_id) ?? response.headers.get("x-request-id") ?? undefined,
    errors,
    retryAfter: Number.isFinite(after) && after > 0 ? after : undefined,
  });
}

/** Nothing came back at all. */
export const noAnswer = () =>
  new ApiError({ status: 0, code: "no_answer", detail: "The server could not be reached." });

export interface Explanation {
  title: string;
  advice: string;
  /** Whether the same request may succeed later without a change. */
  canRetry: boolean;
}

const EXPLANATIONS: Record<string, Explanation> = {
  no_answer: {
    title: "The server cannot be reached",
    advice: "Check your network connection and that the server is running, then try again.",
    canRetry: true,
  },
  unavailable: {
    title: "The server is not ready",
    advice: "It may be starting or its database may be unreachable. Try again in a moment.",
    canRetry: true,
  },
  internal: {
    title: "The server failed",
    advice: "Try again. If it keeps failing, look up the request id in the server's log.",
    canRetry: true,
  },
  rate_limited: { title: "Too many requests", advice: "Wait a moment, then try again.", canRetry: true },
  unauthenticated: { title: "Your session has ended", advice: "Log in again to go on.", canRetry: false },
  forbidden: {
    title: "You may not do this",
    advice: "Your account lacks the permission. Ask an administrator to grant it.",
    canRetry: false,
  },
  not_yours_to_give: {
    title: "You cannot give what you do not hold",
    advice: "It would give something that you may not do there yourself. Ask somebody who may.",
    canRetry: false,
  },
  above_you: {
    title: "Somebody may do more than you",
    advice:
      "It concerns a person who may do more than you: only somebody who may do all that they may can change this.",
    canRetry: false,
  },
  last_owner: {
    title: "The last owner stays",
    advice: "Make somebody else an owner first.",
    canRetry: false,
  },
  owner_denied: {
    title: "Nothing is denied to an owner",
    advice: "Take the owner role away first, or what is denied.",
    canRetry: false,
  },
  grant_exists: {
    title: "They have this role there already",
    advice: "Choose another role or place.",
    canRetry: false,
  },
  already_member: {
    title: "They are here already",
    advice: "Somebody of this address belongs to the organisation: give them a role on their page.",
    canRetry: false,
  },
  invitation_open: {
    title: "There is an open invitation for this address",
    advice: "Revoke it first to make a new link.",
    canRetry: false,
  },
  invitation_not_found: {
    title: "This invitation does not work",
    advice: "It was used, revoked or is too old. Ask for a new one.",
    canRetry: false,
  },
  invitation_void: {
    title: "This invitation gives nothing any more",
    advice: "Whoever made it may not give this now, or what it gives was deleted. Ask for a new one.",
    canRetry: false,
  },
  invitation_not_yours: {
    title: "This invitation is for another address",
    advice: "Log out, and log in with the account that it is for.",
    canRetry: false,
  },
  account_exists: {
    title: "This address has an account",
    advice: "Log in with it, then accept the invitation.",
    canRetry: false,
  },
  user_limit_reached: {
    title: "The organisation has all the people it may have",
    advice: "Remove somebody, or ask the provider to raise the limit.",
    canRetry: false,
  },
  password_wrong: { title: "The current password is wrong", advice: "Write it again.", canRetry: false },
  reset_not_found: {
    title: "This link does not work",
    advice: "It was used or is too old. Ask for a new one.",
    canRetry: false,
  },
  grant_limit_reached: {
    title: "They have as many roles as a person may have",
    advice: "Take one away, or give a role on the client instead of on each site.",
    canRetry: false,
  },
  role_in_use: {
    title: "People have this role",
    advice: "Take it from each of them first; the role's page lists them.",
    canRetry: false,
  },
  role_limit_reached: {
    title: "There are too many roles",
    advice: "Delete one that nobody has, then try again.",
    canRetry: false,
  },
  cross_origin: {
    title: "The request came from another address",
    advice: "Open the dashboard under the server's own address and try again.",
    canRetry: false,
  },
  not_found: { title: "Not found", advice: "It may have been deleted. Go back to the list.", canRetry: false },
  validation_failed: { title: "Some values are not accepted", advice: "Correct the marked fields.", canRetry: false },
  invalid_request: {
    title: "The request was not understood",
    advice: "Remove the filters from the address, or reload the page.",
    canRetry: false,
  },
  cursor_invalid: { title: "The list has changed", advice: "Load it again from the start.", canRetry: true },
  name_taken: { title: "The name is taken", advice: "Choose another name.", canRetry: false },
  conflict: {
    title: "Somebody changed this meanwhile",
    advice: "Load it again and repeat the change.",
    canRetry: true,
  },
  client_not_empty: {
    title: "The client is not empty",
    advice: "Delete its sites and its schedules first.",
    canRetry: false,
  },
  site_not_empty: {
    title: "The site is not empty",
    advice: "Move or delete its machines and schedules first.",
    canRetry: false,
  },
  agent_state: {
    title: "The machine is in another state",
    advice: "Somebody was faster, or it changed by itself. Look at it again, then decide.",
    canRetry: false,
  },
  agent_online: {
    title: "The older record is online",
    advice: "It is another machine then: only a record that is offline can be continued.",
    canRetry: false,
  },
  agent_not_active: {
    title: "The machine is not active",
    advice: "Nothing is sent to it until it is let in or released.",
    canRetry: false,
  },
  finding_not_found: {
    title: "The finding is gone",
    advice: "Somebody dismissed it, or its machine was removed. Load the list again.",
    canRetry: false,
  },
  command_not_cancellable: {
    title: "The command has already ended",
    advice: "There is nothing left to cancel.",
    canRetry: false,
  },
  command_run_over: {
    title: "There is nothing left to stop",
    advice: "All of the run has ended, or was asked to stop already.",
    canRetry: false,
  },
  no_targets: {
    title: "There is no machine for it",
    advice: "Choose others: the message says why these are left out.",
    canRetry: false,
  },
  nothing_to_rerun: {
    title: "There is nothing to repeat",
    advice: "No machine of this run failed, or those that did are not there any more.",
    canRetry: false,
  },
  commands_stopped: {
    title: "All commands are stopped",
    advice: "Somebody who may stop them has to let them start again first.",
    canRetry: false,
  },
  commands_not_stopped: {
    title: "Commands are not stopped",
    advice: "Somebody was faster: they may start already.",
    canRetry: false,
  },
  own_version: {
    title: "You have written this version",
    advice: "Somebody else has to approve it, unless the organisation's settings say otherwise.",
    canRetry: false,
  },
  schedule_limit_reached: {
    title: "There are as many schedules as there may be",
    advice: "An organisation has at most 500: delete one first.",
    canRetry: false,
  },
  schedule_changed: {
    title: "The schedule has changed",
    advice: "Somebody changed it since you read it. Read it again, then decide.",
    canRetry: false,
  },
  script_archived: {
    title: "The script was put away",
    advice: "It runs nowhere until somebody takes it out again.",
    canRetry: false,
  },
  script_not_approved: {
    title: "No version is approved",
    advice: "Somebody who may approve scripts has to look at it first.",
    canRetry: false,
  },
  script_version_stale: {
    title: "Somebody has saved another version meanwhile",
    advice: "Look at the difference, then save yours on top of it.",
    canRetry: false,
  },
  login_failed: { title: "E-mail or password is wrong", advice: "Check both and try again.", canRetry: false },
  setup_closed: {
    title: "Setup is closed",
    advice: "This server already has an administrator. Log in instead.",
    canRetry: false,
  },
  setup_token_wrong: {
    title: "The setup token is wrong",
    advice: "Copy the token again from the server's console; a restart prints a new one.",
    canRetry: false,
  },
};

/** The words for an error, chosen by its code and never by its text. */
export function explain(error: unknown): Explanation {
  if (!(error instanceof ApiError)) {
    return { title: "The page failed", advice: "Reload the page and try again.", canRetry: true };
  }
  const known = EXPLANATIONS[error.code];
  if (known) return error.retryAfter ? { ...known, advice: `Wait ${error.retryAfter} s, then try again.` } : known;
  if (error.status === 404 || error.code.endsWith("_not_found")) return EXPLANATIONS.not_found as Explanation;
  return { title: "The request was refused", advice: error.message, canRetry: error.status >= 500 };
}

export const isCode = (error: unknown, code: string): boolean => error instanceof ApiError && error.code === code;
export const isForbidden = (error: unknown): boolean => error instanceof ApiError && error.status === 403;
export const isMissing = (error: unknown): boolean => error instanceof ApiError && error.status === 404;
