(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const status = byId("status");
  let clearing = 0;

  const say = (text) => {
    status.textContent = text;
    clearTimeout(clearing);
    clearing = setTimeout(() => { status.textContent = ""; }, 2500);
  };

  const copyBySelection = (text) => {
    const area = document.createElement("textarea");
    area.className = "offscreen";
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  };

  const copy = async (text, name, button) => {
    let copied = false;
    try {
      await navigator.clipboard.writeText(text);
      copied = true;
    } catch {
      copied = copyBySelection(text);
      button.focus();
    }
    say(copied ? `${name} copied` : "The browser does not allow copying");
  };

  const data = () => JSON.parse(byId("data").textContent);

  const markdown = byId("copy-markdown");
  markdown.hidden = false;
  markdown.addEventListener("click", () => copy(data().markdown, "Markdown", markdown));

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(data().command_line, "Command", button));
  }

  const themes = ["system", "light", "dark"];
  const button = byId("theme");
  const remember = (value) => { try { localStorage.setItem("ponte-theme", value); } catch { /* not allowed here */ } };
  const recall = () => { try { return localStorage.getItem("ponte-theme"); } catch { return null; } };
  const show = (theme) => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
  };
  let theme = themes.includes(recall()) ? recall() : "system";
  show(theme);
  button.hidden = false;
  button.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    show(theme);
    remember(theme);
  });

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const element of opened) element.open = true;
  });
  addEventListener("afterprint", () => { for (const element of opened) element.open = false; });
})();
