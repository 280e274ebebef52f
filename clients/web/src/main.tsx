import "./styles/base.css";
import "./styles/tokens.css";
import "./styles/stack.css";
import "@fontsource-variable/instrument-sans/index.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { loadCatalog, startLanguage } from "./i18n";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

// The texts are loaded before the first render, so that no page is shown in
// one language and then in another.
const language = startLanguage();
const t = await loadCatalog(language);

createRoot(root).render(
  <StrictMode>
    <App first={{ language, t }} />
  </StrictMode>,
);
