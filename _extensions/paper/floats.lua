-- Numbers figures and tables and resolves references to them: for both renderers in PDF, Word,
-- JATS and LaTeX, so that Word gets real captions and JATS tables that are tables. Quarto does HTML
-- itself; LaTeX counts, and latex.lua and tables.lua write what it counts.

local is_typst, is_word = FORMAT:match("typst"), FORMAT:match("docx")
local is_latex = FORMAT:match("latex")
if quarto and not (is_typst or is_word or is_latex or FORMAT:match("jats")) then return {} end

local words = { fig = "Figure", tbl = "Table" }
local counts = { fig = 0, tbl = 0 }
local labels = {}

-- Kinds of the author's own: crossref: {custom: [{kind: float, key: suppfig, reference-prefix: …}]}
local function read_kinds(meta)
  if quarto or not meta.crossref then return nil end
  for kind in pairs(words) do
    local title = meta.crossref[kind .. "-title"]
    words[kind] = title and pandoc.utils.stringify(title) or words[kind]
  end
  for _, one in ipairs(meta.crossref.custom or {}) do
    local key = pandoc.utils.stringify(one.key)
    words[key], counts[key] = pandoc.utils.stringify(one["reference-prefix"] or key), 0
  end
end

local function kind_of(identifier)
  local kind = identifier and identifier:match("^(%a+)%-")
  return words[kind] and kind
end

local function first_of(blocks, wanted)
  local found
  pandoc.Blocks(blocks):walk({
    [wanted] = function(element) found = found or element end,
  })
  return found
end

local function blocks_of(caption)
  local kind = pandoc.utils.type(caption)
  if kind == "Blocks" then return caption end
  return pandoc.Blocks({ kind == "Inlines" and pandoc.Plain(caption) or caption })
end

-- Quarto's own figures and tables, as Pandoc has them.
local function from_quarto(float)
  if not kind_of(float.identifier) then return nil end
  local content, caption = blocks_of(float.content), { long = blocks_of(float.caption_long) }
  local block = first_of(content, "Table")
  if block then
    block.identifier, block.caption = float.identifier, caption
    return block
  end
  local parts = content:filter(function(part) return part.t == "Figure" end)
  if #parts > 1 then
    local columns = float.attributes and float.attributes["layout-ncol"] or tostring(#parts)
    local attributes = { id = float.identifier, ["layout-ncol"] = columns }
    return pandoc.Figure(parts, caption, attributes)
  end
  local image = first_of(content, "Image")
  -- A cell of a notebook that ended early has nothing to number.
  if not image then return content end
  local alternative = image.attributes["fig-alt"] or image.attributes.alt
  image.caption = pandoc.Inlines(alternative or pandoc.utils.stringify(caption.long))
  return pandoc.Figure({ pandoc.Plain({ image }) }, caption, { id = float.identifier })
end

local function give_number(identifier)
  local kind = kind_of(identifier)
  if not kind or labels[identifier] then return end
  counts[kind] = counts[kind] + 1
  labels[identifier] = { word = words[kind], number = counts[kind] }
end

-- A table is wrapped in a block that carries its label; the table takes it.
local function unwrap_table(div)
  if kind_of(div.identifier) ~= "tbl" then return nil end
  local block = first_of(div.content, "Table")
  if block then block.identifier = div.identifier end
  give_number(block and block.identifier)
  return block
end

-- A figure in a figure is a part of it: Figure 1 (a).
local function give_numbers(figure)
  give_number(figure.identifier)
  local whole, count = labels[figure.identifier], 0
  if whole then whole.is_own = not ({ fig = true, tbl = true })[kind_of(figure.identifier)] end
  figure.content = figure.content:walk({
    Figure = function(part)
      count = count + 1
      local letter = ("(%s)"):format(string.char(96 + count))
      if part.identifier ~= "" then
        labels[part.identifier] = whole
          and { word = whole.word, number = whole.number .. " " .. letter, whole = figure.identifier }
      end
      local caption = part.caption.long[1]
      if caption and whole and figure.attributes["layout-ncol"] then
        caption.content:insert(1, pandoc.Space())
        caption.content:insert(1, pandoc.Str(letter))
      end
      part.classes:insert("panel")
      local label = labels[part.identifier] or {}
      part.attributes.word, part.attributes.number = label.word, label.number
      return part
    end,
  })
  local columns = figure.attributes["layout-ncol"]
  if columns and not is_latex then
    figure.attributes["layout-ncol"] = nil
    figure.content = { pandoc.Div(figure.content, { class = "panels", columns = columns }) }
  end
  return figure, false
end

local function label_text(label, citation)
  local word = label.word
  if citation and #citation.prefix > 0 then word = pandoc.utils.stringify(citation.prefix) end
  if citation and citation.mode == "SuppressAuthor" then return tostring(label.number) end
  return word .. "\u{a0}" .. label.number
end

-- In Word a number is a field, which Word renews when its author moves a figure.
local function run(content, properties)
  return ("<w:r>%s%s</w:r>"):format(properties or "", content)
end

local function field(instruction, result, properties)
  local parts = {
    '<w:fldChar w:fldCharType="begin"/>',
    ('<w:instrText xml:space="preserve"> %s </w:instrText>'):format(instruction),
    '<w:fldChar w:fldCharType="separate"/>',
    ("<w:t>%s</w:t>"):format(result),
    '<w:fldChar w:fldCharType="end"/>',
  }
  for i, part in ipairs(parts) do parts[i] = run(part, properties) end
  return table.concat(parts)
end

local function bookmark_of(identifier)
  return "_Ref_" .. identifier:gsub("%W", "_")
end

local bold = "<w:rPr><w:b/></w:rPr>"
local bookmarks = 100000 -- above those that Pandoc counts

local function word_label(identifier)
  local label = labels[identifier]
  bookmarks = bookmarks + 1
  return pandoc.RawInline("openxml", table.concat({
    ('<w:bookmarkStart w:id="%d" w:name="%s"/>'):format(bookmarks, bookmark_of(identifier)),
    run(('<w:t xml:space="preserve">%s\u{a0}</w:t>'):format(label.word), bold),
    field(("SEQ %s \\* ARABIC"):format(label.word:gsub("%W", "_")), label.number, bold),
    ('<w:bookmarkEnd w:id="%d"/>'):format(bookmarks),
    run("<w:t>.</w:t>", bold),
  }))
end

local function with_label(caption, identifier)
  local label, first = labels[identifier], caption[1]
  if not label or not first then return caption end
  first.content:insert(1, pandoc.Space())
  first.content:insert(1, is_word and word_label(identifier)
    or pandoc.Strong(pandoc.Str(label_text(label) .. ".")))
  caption[1] = first
  return caption
end

-- Typst writes the number itself.
local function in_typst(content, caption, identifier, is_long)
  local kind = ({ fig = "image", tbl = "table" })[kind_of(identifier)]
    or ('"%s"'):format(kind_of(identifier))
  local word = labels[identifier].word
  local place = is_long and ", placement: none" or ""
  local close = ('], kind: %s%s, supplement: "%s")\n<%s>'):format(kind, place, word, identifier)
  local blocks = pandoc.Blocks({ pandoc.RawBlock("typst", ('#figure([#metadata("%s")'):format(identifier)) })
  blocks:extend(content)
  blocks:insert(pandoc.RawBlock("typst", "], caption: ["))
  blocks:extend(caption)
  blocks:insert(pandoc.RawBlock("typst", close))
  -- A long one stands where it is written, and goes on to the next page; no float comes between its parts.
  local before = is_long and "#place.flush()\n#[\n#show figure: set block(breakable: true)"
    or ('#in-section("%s")['):format(identifier)
  blocks:insert(1, pandoc.RawBlock("typst", before))
  blocks:insert(pandoc.RawBlock("typst", "]"))
  return blocks
end

local function styled(style, blocks)
  return pandoc.Div(blocks, { ["custom-style"] = style })
end

-- Word has no space below a table but that of what follows.
local after_table =
  pandoc.RawBlock("openxml", '<w:p><w:pPr><w:pStyle w:val="AfterTable"/></w:pPr></w:p>')

local rows_kept, lines_on_one_page, letters_of_line = 15, 50, 110

local function rows_of(block)
  local rows = pandoc.List()
  for _, body in ipairs(block.bodies) do rows:extend(body.body) end
  return rows
end

-- How many lines its rows take in print, about.
local function lines_of(block)
  local lines = 0
  for _, row in ipairs(rows_of(block)) do
    local text = 0
    for _, cell in ipairs(row.cells) do text = text + utf8.len(pandoc.utils.stringify(cell.contents)) end
    lines = lines + math.max(1, math.ceil(text / letters_of_line))
  end
  return lines
end

local function kept(block)
  if #rows_of(block) > rows_kept then return block end
  -- Pandoc sets the plain text of a table in a style of its own, but not paragraphs.
  return block:walk({
    Plain = function(cell) return styled("Kept Row", { pandoc.Para(cell.content) }) end,
  })
end

local function figure_done(figure)
  local identifier, caption = figure.identifier, figure.caption.long
  local label = labels[identifier]
  if not label or figure.classes:includes("panel") or (is_latex and not label.is_own) then return nil end
  if is_typst then
    return in_typst(figure.content, caption, identifier)
  elseif is_word then
    local labelled = styled("Image Caption", with_label(caption, identifier))
    return { styled("Captioned Figure", figure.content), labelled }
  end
  figure.caption.long = with_label(caption, identifier)
  if is_latex then figure.classes:insert("unnumbered") end
  return figure
end

local function table_done(block)
  local identifier, caption = block.identifier, block.caption.long
  if is_typst and not labels[identifier] then
    -- As a figure of Typst it would be counted.
    block.classes:insert("typst:no-figure")
    block.caption = { long = {} }
    return pandoc.Blocks(caption) .. pandoc.Blocks({ block })
  end
  if is_latex or not labels[identifier] then return nil end
  if is_typst or is_word then
    block.caption, block.identifier = { long = {} }, ""
    if is_word then
      return { styled("Table Caption", with_label(caption, identifier)), kept(block), after_table }
    end
    block.classes:insert("typst:no-figure")
    return in_typst({ block }, caption, identifier, lines_of(block) > lines_on_one_page)
  end
  block.caption.long = with_label(caption, identifier)
  return block
end

-- What Quarto wraps around an embedded cell would hold the float back.
local wrappers = { ["quarto-embed-nb-cell"] = true, cell = true, ["cell-output"] = true }

local function unwrap_cell(div)
  if (is_typst or is_latex) and wrappers[div.classes[1]] then return div.content end
end

local number = {
  traverse = "topdown",
  Div = unwrap_table,
  Figure = give_numbers,
  Table = function(block) give_number(block.identifier) end,
}

local function reference_to(identifier, citation)
  local label = labels[identifier]
  if is_word and not (label.whole or citation and citation.mode ~= "AuthorInText") then
    local instruction = ("REF %s \\h \\* MERGEFORMAT"):format(bookmark_of(identifier))
    local linked = '<w:rPr><w:rStyle w:val="Hyperlink"/></w:rPr>'
    return pandoc.RawInline("openxml", field(instruction, label_text(label), linked))
  elseif is_latex and not (label.whole or label.is_own or citation and #citation.prefix > 0) then
    local word = label.word:lower():gsub("^", "\\") .. "name~"
    if citation and citation.mode == "SuppressAuthor" then word = "" end
    local reference = ("\\hyperref[%s]{%s\\ref*{%s}}"):format(identifier, word, identifier)
    return pandoc.RawInline("latex", reference)
  end
  local place = is_word and bookmark_of(identifier) or identifier
  return pandoc.Link(label_text(label, citation), "#" .. place, "", { class = "ref" })
end

local function refer(cite)
  local parts = pandoc.Inlines({})
  for i, citation in ipairs(cite.citations) do
    if not labels[citation.id] then return nil end
    if i > 1 then parts:extend({ pandoc.Str(","), pandoc.Space() }) end
    parts:insert(reference_to(citation.id, citation))
  end
  return parts
end

-- Quarto has made its references links by now.
local function refer_again(link)
  local identifier = link.target:match("^#(.+)$")
  if is_word and labels[identifier] then return reference_to(identifier) end
end

return {
  { FloatRefTarget = from_quarto, Meta = read_kinds },
  number,
  { Figure = figure_done, Table = table_done },
  { Div = unwrap_cell },
  { Cite = refer, Link = refer_again },
}
