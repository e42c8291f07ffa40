// The page is searched, each paragraph has an address, and a dialog tells how to cite the paper.
// Without this script the page is read as well.
"use strict";
(() => {
  if (!document.body.classList.contains("embedded")) return;
  const menu = document.querySelector("nav.contents details");

  /** Make an element with attributes and children; text is never read as HTML. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  // --- Addresses: a paragraph is named by its section and its place there ------------------------

  const blocks = "main > :is(p, ul, ol), :is(.abstract, .banner, .key-points) > :is(p, ul)";
  let section = "text";
  let count = 0;
  for (const block of document.querySelectorAll(`main :is(h1, h2, h3, h4)[id], ${blocks}`)) {
    if (!block.matches(blocks)) {
      [section, count] = [block.id, 0];
      continue;
    }
    count += 1;
    block.id ||= `${section}-p${count}`;
    const here = { class: "here", href: `#${block.id}`, tabindex: "-1", "aria-hidden": "true" };
    if (block.matches("p")) block.append(make("a", here));
  }
  // It had no address yet when the page was opened there.
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();

  // --- Search ----------------------------------------------------------------------------------

  const most = 20;
  const around = 40;
  /** What one may type for it: no accents, no case, and the signs of a keyboard; as long as the text. */
  const plain = (text) => [...text].map((letter) => (
    { "\u00a0": " ", "\n": " ", "−": "-", "–": "-", "’": "'" }[letter]
    ?? letter.normalize("NFD")[0].toLowerCase()[0]
  )).join("");

  const searched = "main [id]:is(h2, h3, h4, p, ul, ol, figure, table, .csl-entry)";
  const places = [...document.querySelectorAll(searched)]
    .map((element) => ({ element, text: [...element.textContent].join("").replace(/\s/g, " ") }))
    .map((place) => ({ ...place, plain: plain(place.text) }));

  function hit({ element, text, plain: words }, wanted) {
    const at = words.indexOf(wanted);
    const letters = [...text];
    const start = Math.max(0, at - around);
    const end = at + wanted.length;
    const link = make("a", { href: `#${element.id}` });
    link.append(
      start ? "…" : "", letters.slice(start, at).join(""),
      make("mark", {}, letters.slice(at, end).join("")), letters.slice(end, end + around).join(""), "…",
    );
    return make("li", {}, link);
  }

  const field = make("input", { type: "search", id: "search", autocomplete: "off" });
  const hits = make("ul", { class: "hits" });
  const said = make("p", { class: "said", role: "status" });
  field.addEventListener("input", () => {
    const wanted = plain(field.value.trim());
    const found = wanted.length < 2 ? [] : places.filter((place) => place.plain.includes(wanted));
    hits.replaceChildren(...found.slice(0, most).map((place) => hit(place, wanted)));
    const more = found.length > most ? `, the first ${most} here` : "";
    said.textContent = wanted.length < 2 ? "" : `${found.length} places${more}`;
  });
  const search = make("search", {}, make("label", { for: "search" }, "Search the text"), field, said, hits);
  menu.querySelector("summary").after(search);

  // --- Citation --------------------------------------------------------------------------------

  const about = (name) => [...document.querySelectorAll(`meta[name="citation_${name}"]`)]
    .map((tag) => tag.content);
  const [title] = about("title");
  if (!title) return; // the page of a notebook

  function citations() {
    const authors = about("author");
    const year = about("publication_date")[0]?.match(/\d{4}/)?.[0] ?? "";
    const [[doi], [journal]] = [about("doi"), about("journal_title")];
    const address = doi ? `https://doi.org/${doi}` : location.protocol.startsWith("http")
      ? location.href.replace(/[?#].*/, "") : "";
    const family = plain(authors[0]?.split(" ").at(-1) ?? "").replace(/[^a-z]/g, "") || "paper";
    const fields = {
      author: authors.join(" and "), title: `{${title}}`, journal, year, doi, url: address,
    };
    const lines = Object.entries(fields).filter(([, value]) => value)
      .map(([name, value]) => `  ${name} = {${value}},\n`);
    const ris = [
      ["TY", journal ? "JOUR" : "GEN"], ...authors.map((author) => ["AU", author]), ["TI", title],
      ["JO", journal], ["PY", year], ["DO", doi], ["UR", address], ["ER", " "],
    ];
    return {
      Text: [authors.join(", "), title, journal, year, address].filter(Boolean).join(". "),
      BibTeX: `@${journal ? "article" : "misc"}{${family}${year},\n${lines.join("")}}`,
      RIS: ris.filter(([, value]) => value).map(([tag, value]) => `${tag}  - ${value}`).join("\n"),
    };
  }

  const dialog = make("dialog", { class: "enlarged cite", "aria-label": "Cite this paper" });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);
  const citing = make("button", { class: "scheme", type: "button" }, "Cite this paper");
  citing.addEventListener("click", () => {
    const closing = make("button", { type: "button" }, "Close");
    closing.addEventListener("click", () => dialog.close());
    dialog.replaceChildren(closing, make("h2", {}, "Cite this paper"));
    for (const [form, text] of Object.entries(citations())) {
      const copying = make("button", { type: "button" }, `Copy as ${form}`);
      copying.addEventListener("click", async () => {
        await navigator.clipboard.writeText(text);
        copying.textContent = "Copied";
      });
      dialog.append(make("pre", {}, text), copying);
    }
    dialog.showModal();
  });
  menu.append(citing);
})();
