import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { logout } from "../../api/auth";
import { forgetDraft } from "../make/draft";

/** Ends the session here and on the server, and forgets what was typed. */
export function useSignOut() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  return useMutation({
    mutationFn: logout,
    onSuccess: () => {
      forgetDraft();
      client.clear();
      navigate("/sign-in", { replace: true });
    },
  });
}
