import "@fontsource-variable/instrument-sans/wght.css";
import "./styles/tokens.css";
import "./styles/base.css";
import { render } from "preact";
import { onSessionEnded } from "./api/call";
import { App } from "./app/App";
import { runBackground } from "./app/background";
import { watchInstall } from "./app/install";
import { watchOpenTasks } from "./app/task_watch";
import { registerWorker } from "./app/worker";
import { I18nProvider, loadCatalog, startLanguage } from "./i18n";
import { markEnded } from "./store/session";

const language = startLanguage();
const t = await loadCatalog(language);
const root = document.getElementById("root");
if (!root) throw new Error("index.html holds no #root");

watchInstall();
onSessionEnded(() => void markEnded());
render(
  <I18nProvider first={{ language, t }}>
    <App />
  </I18nProvider>,
  root,
);
registerWorker(t);
runBackground();
watchOpenTasks();
