// The contents follow the reader, figures enlarge, wide tables scroll by keyboard, and the page is
// light or dark as one likes. Without this script the page is read as well.
"use strict";
(() => {
  const embedded = document.body.classList.contains("embedded");

  /** Make an element with attributes and children; text is never read as HTML. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  // --- On a phone each row of a table that is too wide becomes a card ---------------------------

  const phone = window.matchMedia("(max-width: 600px)");
  // Those whose cells are each of one row and one column.
  const tables = [...document.querySelectorAll("main table:not(.published)")].filter((table) => (
    table.tHead?.rows.length === 1 && !table.querySelector("[colspan], [rowspan]")
  ));

  /** Cells say what they are of; rows laid out as blocks would else be none to a screen reader. */
  function name(table) {
    const heads = [...table.tHead.rows[0].cells];
    const roles = { rowgroup: [table.tHead, ...table.tBodies], row: table.rows };
    roles.columnheader = heads;
    for (const row of [...table.tBodies].flatMap((body) => [...body.rows])) {
      for (const [i, cell] of [...row.cells].entries()) {
        cell.setAttribute("role", cell.matches("th") ? "rowheader" : "cell");
        cell.dataset.label = heads[i]?.textContent.trim() ?? "";
        // A number alone does not say what its row is of.
        cell.classList.toggle("bare", cell.matches("th") && !/\p{L}/u.test(cell.textContent));
      }
    }
    for (const [role, elements] of Object.entries(roles)) {
      for (const element of elements) element.setAttribute("role", role);
    }
  }

  function asCards() {
    for (const table of tables) {
      table.classList.remove("cards");
      const isWide = table.offsetWidth > table.parentElement.clientWidth;
      if (!phone.matches || !isWide) continue;
      if (!table.tHead.matches("[role]")) name(table);
      table.classList.add("cards");
    }
  }

  // --- What scrolls sideways can be reached and scrolled by keyboard ----------------------------

  function reachable() {
    for (const frame of document.querySelectorAll(".frame, main pre, .cell-output-display")) {
      const hidden = frame.scrollWidth - frame.clientWidth;
      frame.classList.toggle("scrolls", hidden > 1); // one pixel is rounding
      if (hidden > 0) {
        const around = frame.closest("figure") ?? frame;
        const name = around.querySelector("caption, figcaption")?.textContent.match(/^\w+\s\d+/);
        frame.tabIndex = 0;
        frame.setAttribute("role", "group");
        frame.setAttribute("aria-label", name?.[0] ?? "Scrolls sideways");
      } else frame.removeAttribute("tabindex");
    }
  }
  function layOut() {
    asCards();
    reachable();
  }
  layOut();
  window.addEventListener("resize", layOut);

  if (!embedded) {
    // Quarto leaves the bar above a notebook no landmark, and its switch of colours without a name
    // and outside of all.
    const bar = document.getElementById("quarto-embed-header");
    bar?.setAttribute("role", "navigation");
    bar?.setAttribute("aria-label", "Notebook");
    window.addEventListener("load", () => {
      const toggle = document.querySelector(".quarto-color-scheme-toggle");
      if (!toggle) return;
      toggle.setAttribute("aria-label", "Light or dark");
      (bar ?? document.getElementById("title-block-header")).append(toggle);
    });
    return;
  }

  // --- Light or dark ---------------------------------------------------------------------------

  const root = document.documentElement;
  const wantsDark = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = { // A page opened from a file may keep nothing.
    get: () => { try { return localStorage.getItem("paper-scheme"); } catch { return null; } },
    set: (scheme) => { try { localStorage.setItem("paper-scheme", scheme); } catch { /* for now */ } },
  };
  const toggle = make("button", { class: "scheme", type: "button" });
  function show(scheme) {
    root.dataset.scheme = scheme;
    toggle.textContent = scheme === "dark" ? "Light page" : "Dark page";
  }
  show(chosen.get() ?? (wantsDark.matches ? "dark" : "light"));
  wantsDark.addEventListener("change", () => {
    if (!chosen.get()) show(wantsDark.matches ? "dark" : "light");
  });
  toggle.addEventListener("click", () => {
    show(root.dataset.scheme === "dark" ? "light" : "dark");
    chosen.set(root.dataset.scheme);
  });
  document.querySelector("nav.contents details").append(toggle);

  // --- Contents --------------------------------------------------------------------------------

  const contents = document.querySelector("nav.contents");
  const menu = contents.querySelector("details");
  const wide = window.matchMedia("(min-width: 60.01rem)");
  const unfold = () => { menu.open = wide.matches; };
  unfold();
  wide.addEventListener("change", unfold);
  menu.addEventListener("click", (event) => {
    if (event.target.closest("a") && !wide.matches) menu.open = false;
  });

  const places = [...document.querySelectorAll('.contents a[href^="#"]')]
    .map((link) => ({ link, heading: document.getElementById(link.hash.slice(1)) }))
    .filter(({ heading }) => heading);
  let current = null;
  // Not scrollIntoView: it may move the page too.
  function keepInSight(link) {
    const [box, line] = [contents.getBoundingClientRect(), link.getBoundingClientRect()];
    if (line.top < box.top || line.bottom > box.bottom) {
      contents.scrollTop += line.top - box.top - box.height / 3;
    }
  }
  function follow() {
    const passed = places.filter(({ heading }) => heading.getBoundingClientRect().top < 130);
    const link = passed.at(-1)?.link ?? null;
    if (link === current) return;
    current?.removeAttribute("aria-current");
    current = link;
    current?.setAttribute("aria-current", "location");
    if (wide.matches && current) keepInSight(current);
  }
  let waiting = false;
  window.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; follow(); });
  }, { passive: true });
  follow();

  // --- Figures ---------------------------------------------------------------------------------

  const dialog = make("dialog", { class: "enlarged" });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);

  function enlarge(figure, name) {
    const closing = make("button", { type: "button" }, "Close");
    closing.addEventListener("click", () => dialog.close());
    const image = figure.querySelector("img").cloneNode();
    const caption = make("p", {}, figure.querySelector("figcaption")?.textContent ?? "");
    const view = make("div", { class: "view", tabindex: "0", role: "group", "aria-label": name });
    view.append(image);
    dialog.setAttribute("aria-label", name);
    dialog.replaceChildren(closing, view, caption);
    dialog.showModal();
  }

  for (const figure of document.querySelectorAll("figure:has(img):not(:has(figure))")) {
    const name = figure.querySelector("figcaption strong")?.textContent.replace(/\.$/, "") ?? "figure";
    const label = `Enlarge ${name}`;
    const button = make("button", { class: "enlarge", type: "button", "aria-label": label }, "Enlarge");
    button.addEventListener("click", () => enlarge(figure, name));
    const image = figure.querySelector("img");
    image.addEventListener("click", () => enlarge(figure, name));
    image.after(button);
  }
})();
