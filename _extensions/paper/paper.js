// A number or citation opens a card that answers for it; the contents follow the reader; figures
// enlarge; a notebook leads back to the number one came from. Without this script all are links.
"use strict";
(() => {
  const embedded = document.body.classList.contains("embedded");
  const data = document.getElementById("numbers");
  const { numbers, cells } = data ? JSON.parse(data.textContent) : { numbers: {}, cells: {} };
  // Quarto's page has hovers of its own on citations and notes.
  const notes = 'a[role="doc-biblioref"], a[role="doc-noteref"]';
  const openers = embedded ? `a.num, ${notes}` : "a.num";

  /** Make an element with attributes and children; text is never read as HTML. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  // --- What the card says ---------------------------------------------------------------------

  const minus = (text) => String(text).replace(/-(?=\d)/g, "−");

  function standingOf({ printed, standing }) {
    if (printed !== undefined) return `prints ${printed}`;
    const { kind, low, high } = standing ?? {};
    return {
      printed: "prints it",
      implied: "does not print it; it follows from what is printed",
      bounded: `does not print it; what is printed allows ${low} to ${high}`,
      ranged: low === high
        ? "does not print it; it is the same in many cohorts"
        : `does not print it; from ${low} to ${high} in many cohorts`,
    }[kind];
  }

  function aboutNumber(link) {
    const key = link.dataset.key;
    const number = numbers[key];
    const notebook = number.notebook.replace(/^.*\/|\.ipynb$/g, "");
    const rows = {
      Value: number.value === null ? null : `${minus(number.value)} ${number.unit ?? ""}`.trim(),
      n: number.n,
      Rounding: number.rule,
      Publication: standingOf(number),
      Key: make("code", {}, key),
      "Computed in": `${notebook}, cell ${number.cell}`,
    };
    const list = make("dl");
    for (const [name, fact] of Object.entries(rows)) {
      if (fact != null) list.append(make("dt", {}, name), make("dd", {}, fact));
    }
    const label = number.label ?? key.replaceAll(".", " · ").replaceAll("_", " ");
    const source = cells[`${number.notebook}#${number.cell}`];
    return {
      title: [make("strong", {}, link.textContent), " ", label],
      facts: list,
      more: source ? make("pre", {}, make("code", {}, source)) : "",
      action: "Go to the cell",
    };
  }

  function aboutNote(link) {
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    const facts = make("div");
    const text = target.querySelector(".csl-right-inline") ?? target;
    for (const node of text.cloneNode(true).childNodes) facts.append(node.cloneNode(true));
    facts.querySelectorAll("[id]").forEach((element) => element.removeAttribute("id"));
    facts.querySelectorAll(".footnote-back").forEach((element) => element.remove());
    const kind = link.matches('[role="doc-noteref"]') ? "Note" : "Reference";
    return { title: [`${kind} ${link.textContent}`], facts, more: "", action: "Go to it" };
  }

  // --- The card: a tooltip to mouse and keyboard, a small dialog to a finger --------------------

  const card = make("div", { class: "answer", id: "answer", tabindex: "-1" });
  card.hidden = true;
  // Within a landmark, where a screen reader looks for text.
  document.querySelector("main").append(card);
  let opener = null;
  let byTouch = false;
  let timer = 0;

  function fill(link) {
    const about = link.matches(".num") ? aboutNumber(link) : aboutNote(link);
    const title = make("p", { class: "answer-title", id: "answer-title" }, ...about.title);
    about.facts.id = "answer-facts";
    card.replaceChildren(title, about.facts, about.more);
    if (!byTouch) {
      card.append(make("p", { class: "answer-hint" }, `Click or Enter: ${about.action.toLowerCase()}`));
      return;
    }
    const closing = make("button", { type: "button" }, "Close");
    closing.addEventListener("click", () => close(true));
    const going = make("a", { href: link.href }, about.action);
    going.addEventListener("click", () => close(false));
    card.append(make("p", { class: "answer-actions" }, going, closing));
  }

  function describe(link) {
    card.setAttribute("role", byTouch ? "dialog" : "tooltip");
    if (byTouch) {
      card.setAttribute("aria-labelledby", "answer-title");
    } else {
      card.removeAttribute("aria-labelledby");
      link.setAttribute("aria-describedby", "answer-facts");
    }
  }

  /** Put the card under its opener, or above where there is more room. */
  function place(link) {
    const line = link.getClientRects()[0];
    const { clientWidth: width, clientHeight: height } = document.documentElement;
    const above = line.bottom + card.offsetHeight + 12 > height && line.top > height - line.bottom;
    const left = Math.max(8, Math.min(line.left - 16, width - card.offsetWidth - 8));
    const top = above ? Math.max(8, line.top - card.offsetHeight - 6) : line.bottom + 6;
    const origin = card.offsetParent.getBoundingClientRect();
    card.style.left = `${left - origin.left}px`;
    card.style.top = `${top - origin.top}px`;
  }

  function open(link, touched) {
    clearTimeout(timer);
    if (opener === link && byTouch === touched) return;
    close(false);
    opener = link;
    byTouch = touched;
    fill(link);
    describe(link);
    card.hidden = false;
    place(link);
    if (touched) card.focus({ preventScroll: true });
  }

  function close(returning) {
    clearTimeout(timer);
    if (!opener) return;
    const link = opener;
    opener = null;
    card.hidden = true;
    link.removeAttribute("aria-describedby");
    if (returning) link.focus({ preventScroll: true });
  }

  const openerAt = (target) => target.closest?.(openers);

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse" || (opener && byTouch)) return;
    const link = openerAt(event.target);
    clearTimeout(timer);
    if (link) timer = setTimeout(open, 120, link, false);
    else if (opener && !card.contains(event.target)) timer = setTimeout(close, 250, false);
  });
  document.addEventListener("focusin", (event) => {
    const link = openerAt(event.target);
    if (link?.matches(":focus-visible") && !byTouch) open(link, false);
    else if (link !== opener && !card.contains(event.target)) close(false);
  });
  let pointer = "";
  document.addEventListener("pointerdown", (event) => { pointer = event.pointerType; });
  document.addEventListener("click", (event) => {
    const link = openerAt(event.target);
    const touched = (event.pointerType ?? pointer) === "touch";
    if (link && touched && !(opener === link && byTouch)) {
      event.preventDefault();
      open(link, true);
    } else if (!card.contains(event.target)) close(false);
  });
  document.addEventListener("keydown", (event) => {
    if (!opener) byTouch = false; // From here on a keyboard.
    else if (event.key === "Escape") close(byTouch);
    else if (event.key === "Tab" && byTouch) {
      // Past either end of the card one is back at the number, and Tab goes on from there.
      const stops = [...card.querySelectorAll("a, button")];
      const end = event.shiftKey ? [card, stops.at(0)] : [stops.at(-1)];
      if (end.includes(document.activeElement)) close(true);
    }
  });
  window.addEventListener("resize", () => close(false));

  // The title is the card of a page without this script.
  for (const link of document.querySelectorAll("a.num")) {
    link.removeAttribute("title");
    link.search = `?from=${link.id}`;
  }

  // --- From a notebook back to the very number -------------------------------------------------

  function leadBack() {
    const from = new URLSearchParams(location.search).get("from") ?? "";
    const cell = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!cell || !/^num-[\w.-]+$/.test(from)) return;
    const link = make("a", { href: `../index.html#${from}` }, "← Back to the text");
    document.querySelector(".way-back")?.remove();
    cell.prepend(make("p", { class: "way-back" }, link));
  }
  leadBack();
  window.addEventListener("hashchange", leadBack);

  // --- What scrolls sideways can be reached and scrolled by keyboard ----------------------------

  function reachable() {
    for (const frame of document.querySelectorAll(".frame, main pre, .cell-output-display")) {
      if (frame.scrollWidth > frame.clientWidth) {
        const around = frame.closest("figure") ?? frame;
        const name = around.querySelector("caption, figcaption")?.textContent.match(/^\w+\s\d+/);
        frame.tabIndex = 0;
        frame.setAttribute("role", "group");
        frame.setAttribute("aria-label", name?.[0] ?? "Scrolls sideways");
      } else frame.removeAttribute("tabindex");
    }
  }
  reachable();
  window.addEventListener("resize", reachable);

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
