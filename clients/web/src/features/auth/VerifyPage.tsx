import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { auth } from "../../api/clients";
import { csrfToken } from "../../api/cookies";
import { toFault } from "../../api/fault";
import { accountQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import { useTexts } from "../../i18n/texts";
import { Button, buttonClass } from "../../ui/Button";
import { FaultNotice } from "../../ui/FaultNotice";
import { Notice } from "../../ui/Notice";
import { takeToken } from "./mailed_token";
import { SignFrame } from "./SignFrame";
import { signTexts } from "./texts";

/** Where the mailed link leads that proves an address. Mail scanners open
    links, so only the press of the button counts. */
export default function VerifyPage() {
  const texts = useTexts(signTexts);
  const client = useQueryClient();
  const [token] = useState(takeToken);
  const verify = useMutation({
    mutationFn: () => auth.verifyEmail({ token, requestId: newRequestId() }),
    onSuccess: () => client.invalidateQueries({ queryKey: accountQuery.queryKey }),
  });
  const isUsedUp = !token || (verify.error !== null && !toFault(verify.error).isTransient);
  const goOn = (
    <Link href={csrfToken() ? "/" : "/sign-in"} className={buttonClass({ kind: "primary", size: "large", wide: true })}>
      {texts.goOn}
    </Link>
  );
  if (verify.isSuccess) {
    return (
      <SignFrame title={texts.verifyDone} lead={texts.verifyDoneBody}>
        {goOn}
      </SignFrame>
    );
  }
  return (
    <SignFrame title={texts.verifyTitle} lead={texts.verifyLead}>
      {isUsedUp ? <Notice tone="danger">{texts.tokenBad}</Notice> : <FaultNotice error={verify.error} />}
      {isUsedUp ? (
        goOn
      ) : (
        <Button kind="primary" size="large" wide busy={verify.isPending} onClick={() => verify.mutate()}>
          {texts.verifyGo}
        </Button>
      )}
    </SignFrame>
  );
}
