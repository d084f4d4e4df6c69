import { useEffect, useState } from "react";

/** The token comes behind the #, which no server and no log sees; it leaves the address at once. */
function takeToken(): string {
  const token = new URLSearchParams(window.location.hash.slice(1)).get("token") ?? "";
  if (token) window.history.replaceState(window.history.state, "", window.location.pathname);
  return token;
}

/** The token of a link that works once. */
export function useHashToken(): string {
  const [token, setToken] = useState(takeToken);
  useEffect(() => {
    // The right address pasted over a wrong one loads no page anew: only what is behind the # changes.
    const onHash = () => {
      const next = takeToken();
      if (next) setToken(next);
    };
    window.addEventListener("hashchange", onHash);
    return () => window.removeEventListener("hashchange", onHash);
  }, []);
  return token;
}
