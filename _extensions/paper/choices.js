// A reader chooses among the specifications that a notebook published, and text, table and figure
// follow: numbers change places, none is computed. Without this script the page shows the paper's own.
"use strict";
(() => {
  const data = document.getElementById("numbers");
  const { numbers = {}, choices: outcomes = [] } = data ? JSON.parse(data.textContent) : {};
  if (!outcomes.length) return;
  const questions = ["The change is", "Patients lost are", "Summed up by its"];

  /** Make an element with attributes and children; text is never read as HTML. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }
  const press = (text, act, attributes = {}) => {
    const button = make("button", { type: "button", ...attributes }, text);
    button.addEventListener("click", act);
    return button;
  };

  // --- What follows ----------------------------------------------------------------------------

  // On Quarto's page the abstract stands before the main part.
  const within = ":is(main, #title-block-header) a.num[data-key]:not([data-part])";
  const ownNumbers = (where) => [...where.querySelectorAll(within)];

  /** The numbers of an outcome that are of its analysis: of these some follow, the others are greyed. */
  function placesOf({ name, follow }) {
    const ofChange = (key) => key.startsWith(`${name}.change.`) || key.startsWith(`${name}.standardised.`);
    const ofPairs = (key) => key.startsWith(`${name}.paired_`) || key === `${name}.n_pairs`;
    return ownNumbers(document).flatMap((link) => {
      const { key } = link.dataset;
      const row = link.closest("tr");
      const isRow = row && ownNumbers(row).some((other) => other.dataset.key in follow);
      if (link.closest("caption, figcaption, .appendix") || (row && !isRow)) return [];
      if (!ofChange(key) && !(row && ofPairs(key))) return [];
      return [{
        link, key, field: follow[key], text: link.textContent, href: link.getAttribute("href"),
        anyway: ofPairs(key),
      }];
    });
  }

  const onOneLine = (text) => text.replaceAll(" ", "\u00a0");

  /** Text of a number in the place of another: P values in a table go without their letter. */
  function textFor(place, key) {
    const { text } = numbers[key];
    const bare = /^P\b/.test(numbers[place.key].text) && !/^P\b/.test(place.text);
    return onOneLine(bare ? text.replace(/^P (= )?/, "") : text);
  }

  function setNumber(place, key) {
    const { link } = place;
    const page = numbers[key].notebook.replace(/\.\w+$/, "-preview.html");
    link.dataset.key = key;
    link.textContent = key === place.key ? place.text : textFor(place, key);
    link.setAttribute("href", key === place.key ? place.href : `${page}?from=${link.id}#key-${key}`);
    link.classList.toggle("chosen", key !== place.key);
  }

  /** Show a number as one that is not of what is chosen. */
  function setUnsaid(place, unsaid) {
    const { link, text } = place;
    const why = "Not published for the analysis chosen; this is the paper’s own";
    link.classList.toggle("unsaid", unsaid);
    for (const [name, value] of [["title", why], ["aria-label", `${text}. ${why}`]]) {
      if (unsaid) link.setAttribute(name, value); else link.removeAttribute(name);
    }
  }

  function show(outcome, one) {
    const patients = numbers[one.keys.n_patients]?.value;
    for (const place of outcome.places) {
      const key = one.primary ? place.key : one.keys[place.field];
      const holds = one.primary || (place.anyway && numbers[place.key].n === patients);
      setNumber(place, key ?? place.key);
      setUnsaid(place, !key && !holds);
      const beside = place.link.nextElementSibling;
      if (beside?.matches(".standing")) beside.hidden = !one.primary;
    }
    for (const figure of outcome.figures) figure.mark(one);
  }

  // --- The figure: every mark in it carries its key ---------------------------------------------

  /** Draw a band over the row of a specification; the image is drawn anew from its own text. */
  function banded(drawing, key) {
    const svg = drawing.cloneNode(true);
    const probe = make("div", { style: "position: absolute; visibility: hidden" });
    probe.append(svg);
    document.body.append(probe);
    const marks = [...svg.querySelectorAll("[id^='key:']")]
      .filter(({ id }) => id.split("#")[0].split(":").slice(2).includes(key));
    const boxes = marks.map((mark) => mark.getBBox()).filter(({ height }) => height > 0);
    probe.remove();
    if (!boxes.length) return null;
    const top = Math.min(...boxes.map((box) => box.y)) - 3;
    const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + 3;
    const band = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const shape = { x: 0, y: top, width: "100%", height: bottom - top, fill: "#ffd33d" };
    for (const [name, value] of Object.entries(shape)) band.setAttribute(name, value);
    band.setAttribute("style", "mix-blend-mode: multiply; fill-opacity: .55");
    svg.append(band);
    return `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`;
  }

  async function figuresOf({ name }) {
    const found = [];
    for (const image of document.querySelectorAll("main figure img")) {
      const own = image.src;
      const text = /svg/.test(own) ? await (await fetch(own)).text() : "";
      if (!text.includes(`:${name}.specifications.`)) continue;
      const drawing = document.importNode(
        new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true,
      );
      const [attribute] = ["aria-label", "alt"].filter((one) => image.getAttribute(one));
      const said = image.getAttribute(attribute);
      found.push({
        mark(one) {
          image.src = (!one.primary && banded(drawing, one.keys.percentage)) || own;
          image.setAttribute(attribute, one.primary ? said : `${said} Marked: ${one.label}.`);
        },
      });
    }
    return found;
  }

  // --- What is chosen --------------------------------------------------------------------------

  /** The specification that has this answer and most of the others; the paper's own before its like. */
  function nearest({ specifications, now }, question, answer) {
    const alike = (one) => one.choices.filter((other, i) => other === now.choices[i]).length
      + (one.primary ? 0.5 : 0);
    return specifications.filter((one) => one.choices[question] === answer)
      .sort((one, other) => alike(other) - alike(one))[0];
  }

  function sentence({ label, places, figures, now }, moved) {
    if (now.primary) return "The page shows the paper’s own analysis.";
    const known = (field) => numbers[now.keys[field]]?.text;
    const ends = known("lower") && known("upper") ? `${known("lower")} to ${known("upper")}` : null;
    const patients = known("n_patients") ? `${known("n_patients")} patients` : null;
    const rest = [ends, known("p"), patients].filter(Boolean).join("; ");
    const too = moved.length
      ? `The notebooks have this only where ${moved.map((i) => (
        `${questions[i].replace(/^\w/, (letter) => letter.toLowerCase())} ${now.choices[i]}`
      )).join(" and ")}; that was set too. ` : "";
    const count = (name) => places.filter(({ link }) => link.classList.contains(name)).length;
    const grey = count("unsaid") ? `; ${count("unsaid")} are struck out, for nothing was published for them` : "";
    const drawn = figures.length ? ", and the row in the figure is marked" : "";
    return `${too}${label}: ${known("percentage")} (${rest}). ${count("chosen")} numbers follow${drawn}${grey}.`;
  }

  function choose(outcome, one, question = -1) {
    const before = outcome.now;
    outcome.now = one;
    outcome.selects.forEach((select, i) => { select.value = one.choices[i]; });
    show(outcome, one);
    const moved = question < 0 ? []
      : [0, 1, 2].filter((i) => i !== question && one.choices[i] !== before.choices[i]);
    outcome.said.textContent = sentence(outcome, moved);
    const isOther = outcomes.some(({ now }) => !now.primary);
    foreign.hidden = !isOther;
    panel.classList.toggle("foreign", isOther);
    makeRoom();
  }

  function fieldsOf(outcome) {
    outcome.selects = questions.map((question, i) => {
      const answers = [...new Set(outcome.specifications.map((one) => one.choices[i]))];
      const select = make("select", {}, ...answers.map((text) => make("option", { value: text }, text)));
      select.addEventListener("change", () => choose(outcome, nearest(outcome, i, select.value), i));
      return select;
    });
    outcome.said = make("p", { class: "choices-said", role: "status", "aria-live": "polite" });
    const labels = outcome.selects.map((select, i) => make("label", {}, `${questions[i]} `, select));
    const legend = make("legend", {}, `${outcome.label}, analysed another way`);
    return make("div", {}, make("fieldset", {}, legend, ...labels), outcome.said);
  }

  const own = () => outcomes.forEach((outcome) => (
    choose(outcome, outcome.specifications.find((one) => one.primary))
  ));
  const foreign = make(
    "p", { class: "choices-mark" }, make("strong", {}, "Not the paper’s own choice."),
    " The words around the numbers, and all other figures and tables, still speak of that. ",
    press("Back to the paper’s own", () => { own(); outcomes[0].selects[0].focus(); }),
  );
  const closing = press("Close", close, { class: "choices-close" });
  const panel = make("section", { class: "choices", "aria-label": "Analysed another way" });
  let opener = null;

  /** What lies below the panel can be scrolled into sight. */
  function makeRoom() {
    const room = panel.hidden ? "" : `${panel.offsetHeight + 16}px`;
    document.body.style.paddingBottom = room;
    document.documentElement.style.scrollPaddingBottom = room;
  }

  /** While the paper's own is not shown, the mark stays. */
  function close() {
    panel.classList.add("folded");
    panel.hidden = outcomes.every(({ now }) => now.primary);
    closing.hidden = true;
    makeRoom();
    opener?.focus();
  }

  async function open(event) {
    opener = event.currentTarget;
    for (const outcome of outcomes) outcome.figures ??= await figuresOf(outcome);
    panel.hidden = closing.hidden = false;
    panel.classList.remove("folded");
    for (const outcome of outcomes) choose(outcome, outcome.now);
    outcomes[0].selects[0].focus();
  }

  for (const outcome of outcomes) {
    outcome.places = placesOf(outcome);
    outcome.now = outcome.specifications.find((one) => one.primary);
    panel.append(fieldsOf(outcome));
  }
  panel.append(foreign, closing);
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  panel.hidden = foreign.hidden = true;
  document.querySelector("main").after(panel);
  window.addEventListener("resize", makeRoom);
  // Paper has no way back to the paper's own.
  window.addEventListener("beforeprint", own);

  const asking = () => press("Try another analysis", open, { class: "choices-open" });
  const table = outcomes.flatMap(({ places }) => places)
    .map(({ link }) => link.closest("table")).find(Boolean);
  (table?.closest(".frame, figure, .cell-output-display") ?? table)
    ?.before(make("p", { class: "choices-ask" }, asking()));
  document.querySelector("nav.contents details, nav#TOC")?.append(asking());
})();
