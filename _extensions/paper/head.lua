-- The head of the page: what indexes of articles and previews of links ask of it. For both renderers,
-- after num.lua: the abstract is there with its numbers.

if not FORMAT:match("html") then return {} end

local function escape(text)
  return (text:gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }))
end

local function text_of(value)
  if not value then return "" end
  local blocks = pandoc.utils.type(value) == "Blocks"
  return pandoc.utils.stringify(blocks and pandoc.utils.blocks_to_inlines(value, { pandoc.Space() }) or value)
end

-- What indexes and previews of links ask of a page: the abstract with its numbers in place.
local function about(meta)
  local authors, creators = pandoc.List(), pandoc.List()
  for _, author in ipairs(meta["by-author"] or {}) do
    local name, orcid = text_of(author.name and author.name.literal), text_of(author.orcid)
    authors:insert(name)
    creators:insert({ ["@type"] = "Person", name = name, ["@id"] = orcid ~= "" and orcid or nil })
  end
  local keywords = pandoc.List(meta.keywords or {}):map(text_of)
  local title, abstract, date = text_of(meta.title), text_of(meta.abstract), text_of(meta.date)
  local tags = pandoc.List({
    { "name", "citation_title", title }, { "name", "citation_publication_date", date },
    { "name", "citation_abstract", abstract }, { "name", "citation_pdf_url", "paper.pdf" },
    { "name", "citation_doi", text_of(meta.doi) },
    { "name", "citation_journal_title", text_of(meta["container-title"]) },
    { "name", "citation_keywords", table.concat(keywords, "; ") },
    { "name", "description", abstract }, { "property", "og:title", title },
    { "property", "og:type", "article" }, { "property", "og:description", abstract },
  })
  for _, name in ipairs(authors) do tags:insert({ "name", "citation_author", name }) end
  local lines = pandoc.List()
  for _, tag in ipairs(tags) do
    if tag[3] ~= "" then
      lines:insert(('<meta %s="%s" content="%s">'):format(tag[1], tag[2], escape(tag[3])))
    end
  end
  local known = pandoc.json.encode({
    ["@context"] = "https://schema.org", ["@type"] = "ScholarlyArticle", headline = title,
    author = creators, abstract = abstract, keywords = keywords,
    datePublished = date ~= "" and date or nil,
  }):gsub("<", "\\u003c")
  lines:insert('<script type="application/ld+json">' .. known .. "</script>")
  return table.concat(lines, "\n")
end

function Meta(meta)
  if not meta["by-author"] then return nil end -- the page of a notebook
  if quarto then
    quarto.doc.include_text("in-header", about(meta))
    return nil
  end
  meta["header-includes"] = pandoc.Blocks({ pandoc.RawBlock("html", about(meta)) })
  return meta
end
