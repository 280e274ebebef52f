import { lazy } from "react";
import { Redirect, Route, Switch } from "wouter";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";
import { SignedIn } from "./SignedIn";

// Each page is a file of its own that is fetched when it is first opened.
const SignPage = lazy(() => import("../features/auth/SignPage"));
const MakePage = lazy(() => import("../features/make/MakePage"));
const LibraryPage = lazy(() => import("../features/library/LibraryPage"));
const CoverPage = lazy(() => import("../features/library/CoverPage"));
const AccountPage = lazy(() => import("../features/account/AccountPage"));

/** The table of contents: every address of the app. */
export function Pages() {
  return (
    <Switch>
      <Route path="/sign-in">
        <SignPage mode="in" />
      </Route>
      <Route path="/sign-up">
        <SignPage mode="up" />
      </Route>
      <Route>
        <SignedIn>
          <Shell>
            <Switch>
              <Route path="/" component={MakePage} />
              <Route path="/make">
                <Redirect to="/" replace />
              </Route>
              <Route path="/library" component={LibraryPage} />
              <Route path="/library/:id">{({ id }) => <CoverPage coverId={id} />}</Route>
              <Route path="/account" component={AccountPage} />
              <Route component={NotFound} />
            </Switch>
          </Shell>
        </SignedIn>
      </Route>
    </Switch>
  );
}
