// Runs before the first paint, so that a chosen theme or language does not
// flash. It is a file of its own because the page's policy allows no inline
// script.
(function () {
  try {
    var theme = localStorage.getItem("covergen.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    var language = localStorage.getItem("covergen.language") || navigator.language || "en";
    document.documentElement.lang = /^zh/i.test(language) ? "zh-Hans" : "en";
  } catch (error) {
    // Storage may be denied; the page then follows the system.
  }
})();
