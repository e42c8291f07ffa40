// A number, citation or reference opens a card that answers for it, and a notebook leads back to the
// number one came from. Without this script all are links.
"use strict";
(() => {
  const embedded = document.body.classList.contains("embedded");
  const data = document.getElementById("numbers");
  const { numbers, cells, texts } = data
    ? JSON.parse(data.textContent) : { numbers: {}, cells: {}, texts: {} };
  // Quarto's page has hovers of its own on citations and notes.
  const notes = 'a[role="doc-biblioref"], a[role="doc-noteref"]';
  const shown = ["fig", "tbl", "suppfig", "supptbl"].map((kind) => `main a[href^="#${kind}-"]`).join();
  const openers = embedded ? `a.num, ${notes}, ${shown}` : "a.num";

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

  /** The formula with its values, where all of them are printed. */
  function arithmetic({ formula, text }) {
    const named = [...(formula ?? "").matchAll(/{(.+?)}/g)].map((found) => found[1]);
    if (!named.length || !named.every((other) => texts[other])) return null;
    return `${formula.replace(/{(.+?)}/g, (_, other) => texts[other])} = ${text}`;
  }

  function interval(key) {
    const [low, high] = ["lower", "upper"].map((end) => texts[key.replace(/[^.]+$/, end)]);
    // The ends of a percentage may be in points.
    const fits = numbers[key.replace(/[^.]+$/, "lower")]?.unit === numbers[key].unit;
    const estimate = /\.(?:mean|estimate|proportion)$/.test(key) || (fits && key.endsWith(".percentage"));
    return low && high && estimate ? `${low} to ${high}` : null;
  }

  /** In a table a text may be of what is known of a number. */
  function partOf({ dataset }) {
    const parts = { low: "Least value", high: "Greatest value", printed: "As printed", value: "Unrounded" };
    return dataset.part ? `${parts[dataset.part]}. ` : "";
  }

  function aboutNumber(link) {
    const key = link.dataset.key;
    const number = numbers[key];
    const notebook = number.notebook.replace(/^.*\/|\.\w+$/g, "");
    const rows = {
      Arithmetic: arithmetic(number),
      Interval: interval(key),
      Patients: number.n,
      Unrounded: number.value === null ? null : `${minus(number.value)} ${number.unit ?? ""}`.trim(),
      Rounding: number.rule,
      "The publication": standingOf(number),
      Key: make("code", {}, key),
      "Computed in": `${notebook}, cell ${number.cell}`,
    };
    const list = make("dl");
    for (const [name, fact] of Object.entries(rows)) {
      if (fact != null) list.append(make("dt", {}, name), make("dd", {}, fact));
    }
    const source = cells[`${number.notebook}#${number.cell}`];
    return {
      title: [make("strong", {}, link.textContent), " ", partOf(link), number.label],
      facts: list,
      more: source ? make("pre", {}, make("code", {}, source)) : "",
      action: "Go to its row",
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

  function aboutFloat(link) {
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    const facts = make("div", { class: "preview" });
    facts.append((target?.closest("figure, .frame") ?? target ?? link).cloneNode(true));
    facts.querySelectorAll("[id]").forEach((element) => element.removeAttribute("id"));
    facts.querySelectorAll("button").forEach((element) => element.remove());
    facts.querySelectorAll("[tabindex]").forEach((element) => element.removeAttribute("tabindex"));
    return { title: [make("strong", {}, link.textContent)], facts, more: "", action: "Go to it" };
  }

  const about = (link) => (
    link.matches(".num") ? aboutNumber : link.matches(notes) ? aboutNote : aboutFloat
  )(link);

  // --- The card: a tooltip to mouse and keyboard, a small dialog to a finger --------------------

  const card = make("div", { class: "answer", id: "answer", tabindex: "-1" });
  card.hidden = true;
  // Within a landmark, where a screen reader looks for text.
  document.querySelector("main").append(card);
  let opener = null;
  let byTouch = false;
  let timer = 0;

  function fill(link) {
    const { title, facts, more, action } = about(link);
    const heading = make("p", { class: "answer-title", id: "answer-title" }, ...title);
    card.replaceChildren(heading, facts, more);
    if (!byTouch) {
      const copies = link.matches(".num") ? "; C: copy it with its source" : "";
      const hint = `Click or Enter: ${action.toLowerCase()}${copies}`;
      card.append(make("p", { class: "answer-hint" }, hint));
      return;
    }
    const closing = make("button", { type: "button" }, "Close");
    closing.addEventListener("click", () => close(true));
    const going = make("a", { href: link.href }, action);
    going.addEventListener("click", () => close(false));
    const actions = make("p", { class: "answer-actions" }, going, closing);
    if (link.matches(".num")) {
      const copying = make("button", { type: "button" }, "Copy");
      copying.addEventListener("click", () => copy(link, copying));
      closing.before(copying);
    }
    card.append(actions);
  }

  /** Copy a number with what it is and where it comes from. */
  async function copy(link, said) {
    const { label } = numbers[link.dataset.key];
    const source = new URL(link.getAttribute("href"), location.href).href;
    await navigator.clipboard.writeText(`${link.textContent} (${label}; ${source})`);
    said.textContent = "Copied, with its source";
  }

  function describe(link) {
    card.setAttribute("role", byTouch ? "dialog" : "tooltip");
    if (byTouch) {
      card.setAttribute("aria-labelledby", "answer-title");
    } else {
      card.removeAttribute("aria-labelledby");
      link.setAttribute("aria-describedby", "answer-title");
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
    else if (event.key.toLowerCase() === "c" && !event.ctrlKey && !event.metaKey && opener.matches(".num")) {
      copy(opener, card.querySelector(".answer-hint") ?? make("p"));
    }
    else if (event.key === "Escape") close(byTouch);
    else if (event.key === "Tab" && byTouch) {
      // Past either end of the card one is back at the number, and Tab goes on from there.
      const stops = [...card.querySelectorAll("a, button")];
      const end = event.shiftKey ? [card, stops.at(0)] : [stops.at(-1)];
      if (end.includes(document.activeElement)) close(true);
    }
  });
  window.addEventListener("resize", () => close(false));

  // --- All numbers are one stop of the Tab key; arrows lead from one to the next -----------------

  const all = [...document.querySelectorAll("a.num")];
  all.forEach((link, index) => {
    // The title is the card of a page without this script.
    link.removeAttribute("title");
    link.search = `?from=${link.id}`;
    link.tabIndex = index ? -1 : 0;
    link.addEventListener("focus", () => {
      for (const other of all) other.tabIndex = other === link ? 0 : -1;
    });
    link.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const next = step && all[index + step];
      if (!next) return;
      event.preventDefault();
      next.focus();
    });
  });

  // --- From a notebook back to the very number -------------------------------------------------

  function leadBack() {
    const from = new URLSearchParams(location.search).get("from") ?? "";
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (const folded of document.querySelectorAll("details:not(nav details)")) {
      if (!folded.open && folded.contains(target)) {
        folded.open = true;
        target.scrollIntoView({ block: "center" });
      }
    }
    const cell = target?.closest(".cell") ?? target;
    if (!cell || !/^num-[\w.-]+$/.test(from)) return;
    const link = make("a", { href: `../index.html#${from}` }, "← Back to the text");
    document.querySelector(".way-back")?.remove();
    cell.prepend(make("p", { class: "way-back" }, link));
  }
  leadBack();
  window.addEventListener("hashchange", leadBack);
})();
