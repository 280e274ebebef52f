import { lazy } from "react";
import { Redirect, Route, Switch } from "wouter";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";
import { SignedIn } from "./SignedIn";

// Each page is a file of its own that is fetched when it is first opened.
const SignPage = lazy(() => import("../features/auth/SignPage"));
const ForgotPage = lazy(() => import("../features/auth/ForgotPage"));
const ResetPage = lazy(() => import("../features/auth/ResetPage"));
const VerifyPage = lazy(() => import("../features/auth/VerifyPage"));
const MakePage = lazy(() => import("../features/make/MakePage"));
const LibraryPage = lazy(() => import("../features/library/LibraryPage"));
const CoverPage = lazy(() => import("../features/library/CoverPage"));
const BulkPage = lazy(() => import("../features/bulk/BulkPage"));
const BulkRunPage = lazy(() => import("../features/bulk/BulkRunPage"));
const AccountPage = lazy(() => import("../features/account/AccountPage"));
const SecurityPage = lazy(() => import("../features/security/SecurityPage"));
const PhotosPage = lazy(() => import("../features/photos/PhotosPage"));
const HistoryPage = lazy(() => import("../features/history/HistoryPage"));
const KeysPage = lazy(() => import("../features/security/KeysPage"));
const DataPage = lazy(() => import("../features/security/DataPage"));
const BrandPage = lazy(() => import("../features/brand/BrandPage"));
const TemplatePage = lazy(() => import("../features/brand/TemplatePage"));
const QueuePage = lazy(() => import("../features/admin/QueuePage"));
const AdminSafetyPage = lazy(() => import("../features/admin/SafetyPage"));
const RulesPage = lazy(() => import("../features/rules/RulesPage"));
const UsersPage = lazy(() => import("../features/admin/UsersPage"));
const MeshPage = lazy(() => import("../features/admin/MeshPage"));

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
      <Route path="/forgot-password" component={ForgotPage} />
      <Route path="/reset-password" component={ResetPage} />
      <Route path="/verify-email" component={VerifyPage} />
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
              <Route path="/bulk" component={BulkPage} />
              <Route path="/bulk/:id">{({ id }) => <BulkRunPage bulkId={id} />}</Route>
              <Route path="/account" component={AccountPage} />
              <Route path="/account/security" component={SecurityPage} />
              <Route path="/account/photos" component={PhotosPage} />
              <Route path="/account/history" component={HistoryPage} />
              <Route path="/account/keys" component={KeysPage} />
              <Route path="/account/data" component={DataPage} />
              <Route path="/brand" component={BrandPage} />
              <Route path="/brand/templates/:id">{({ id }) => <TemplatePage templateId={id} />}</Route>
              <Route path="/admin" component={QueuePage} />
              <Route path="/admin/safety" component={AdminSafetyPage} />
              <Route path="/admin/rules" component={RulesPage} />
              <Route path="/admin/users" component={UsersPage} />
              <Route path="/admin/mesh" component={MeshPage} />
              <Route component={NotFound} />
            </Switch>
          </Shell>
        </SignedIn>
      </Route>
    </Switch>
  );
}
