-- What Quarto itself does with a manuscript, for the embedded renderer: parts for one format,
-- page breaks, tables of notebooks, blocks that are figures or tables, numbers of sections
-- and equations. What is not known here has been refused before.

local format = FORMAT:match("^%a+")
local known_as = { typst = { typst = true, pdf = true }, latex = { latex = true, pdf = true } }
local ending = ({ html = "svg", typst = "svg", latex = "pdf" })[format] or "png"

local function is_format(name)
  return name == format or (known_as[format] or {})[name] or (name == "html:js" and format == "html")
end

-- What stands in the place of a block or span for some formats; nil if it is for all.
local function for_formats(element)
  local is_hidden = element.classes:includes("content-hidden")
  if not (is_hidden or element.classes:includes("content-visible")) then return nil end
  local when, unless = element.attributes["when-format"], element.attributes["unless-format"]
  local matches = (not when or is_format(when)) and not (unless and is_format(unless))
  if matches == is_hidden then return {} end
  return element.t == "CodeBlock" and element or element.content
end

local function page_break()
  local break_of = {
    html = '<div style="break-after: page"></div>', latex = "\\clearpage{}", typst = "#pagebreak()",
    docx = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>',
  }
  if not break_of[format] then return {} end
  return pandoc.RawBlock(format == "docx" and "openxml" or format, break_of[format])
end

local function raw_break(block)
  if block.text:match("^\\%a+page%s*$") or block.text:match("^\\pagebreak%s*$") then
    return page_break()
  end
end

local function on_its_side(div)
  local around = { typst = { "#page(flipped: true)[", "]" } }
  around.latex = { "\\begin{landscape}", "\\end{landscape}" }
  if not around[format] then return nil end
  div.content:insert(1, pandoc.RawBlock(format, around[format][1]))
  div.content:insert(pandoc.RawBlock(format, around[format][2]))
  return div.content
end

-- A table that a notebook shows as HTML or LaTeX.
local function foreign(div)
  local form = div.classes[1] and div.classes[1]:match("^output%-(%a+)$")
  if not form then return nil end
  return pandoc.read(div.content[1].text, form).blocks:walk({
    Div = function(inner) return inner.content end,
    -- Its caption is that of the cell.
    Table = function(block)
      block.caption = { long = {} }
      return block
    end,
  })
end

local function in_place(div)
  local shown = for_formats(div)
  if shown then return shown end
  if div.classes:includes("pagebreak") then return page_break() end
  if div.classes:includes("landscape") then return on_its_side(div) end
  return foreign(div)
end

local function has_image(block)
  local found = false
  pandoc.Blocks({ block }):walk({ Image = function() found = true end })
  return found
end

-- The last paragraph of a figure or table in a block of its own is its caption.
local function take_caption(blocks, is_caption)
  local last = blocks[#blocks]
  if last and (last.t == "Para" or last.t == "Plain") and is_caption(last) then
    blocks:remove()
    return pandoc.Blocks({ pandoc.Plain(last.content) })
  end
  return pandoc.Blocks({})
end

-- [[1, 1], [1]] has a row of two; of n images in r rows each has n / r.
local function columns_of(div, images)
  local rows, most = tonumber(div.attributes["layout-nrow"]), 0
  for row in (div.attributes.layout or ""):gmatch("%[([^%[%]]+)%]") do
    local _, commas = row:gsub(",", "")
    most = math.max(most, commas + 1)
  end
  return div.attributes["layout-ncol"] or (rows and math.ceil(images / rows)) or math.max(most, 1)
end

local function figure_of(div)
  local content = div.content
  local caption = take_caption(content, function(block) return not has_image(block) end)
  local panels = content:filter(has_image)
  local attributes = { id = div.identifier }
  if #panels > 1 then attributes["layout-ncol"] = tostring(columns_of(div, #panels)) end
  return pandoc.Figure(content, { long = caption }, attributes)
end

local function table_of(div)
  for _, block in ipairs(div.content) do
    if block.t == "Table" then
      if #block.caption.long == 0 then
        block.caption.long = take_caption(div.content, function() return true end)
      end
      block.identifier = div.identifier
      return div.content
    end
  end
end

local figure_kinds = { fig = true }

local function float_of(div)
  local kind = div.identifier:match("^(%a+)%-")
  local has_layout = div.attributes.layout or div.attributes["layout-ncol"] or div.attributes["layout-nrow"]
  if kind == "tbl" then return table_of(div) end
  if figure_kinds[kind] or (has_layout and div.content[1] and has_image(div.content[1])) then
    return figure_of(div)
  end
end

-- A drawing is there in the form that each format takes.
local function in_form(image)
  if image.src:match("^paper_files/[^.]+$") then
    image.src = image.src .. "." .. ending
    return image
  end
end

-- tbl-colwidths="[60,40]": shares of the width.
local function with_widths(block)
  local given, widths = block.attributes["tbl-colwidths"], pandoc.List()
  for share in (given or ""):gmatch("[%d.]+") do widths:insert(tonumber(share) / 100) end
  if #widths ~= #block.colspecs then return nil end
  block.attributes["tbl-colwidths"] = nil
  block.colspecs = block.colspecs:map(function(spec, i) return { spec[1], widths[i] } end)
  return block
end

local counts, labels, is_numbering, top = {}, {}, false, 1
local equations = 0

local function number_section(header)
  if header.classes:includes("unnumbered") then
    labels[header.identifier] = { number = pandoc.utils.stringify(header.content) }
    return nil
  end
  local level = header.level - top + 1
  for upper = 1, level do counts[upper] = counts[upper] or 0 end
  counts[level] = counts[level] + 1
  for deeper = level + 1, 6 do counts[deeper] = 0 end
  local number = table.concat(pandoc.List(counts):map(tostring), ".", 1, level)
  labels[header.identifier] = { word = "Section", number = number }
  if not is_numbering then return nil end
  header.content:insert(1, pandoc.Space())
  header.content:insert(1, pandoc.Str(number))
  return header
end

-- PDF/UA wants words for every formula: those of its author, or else its source.
local function in_typst(math, alt, label)
  local text = pandoc.write(pandoc.Pandoc({ pandoc.Plain({ math }) }), "typst"):gsub("%s+$", "")
  local options = { ('alt: "%s"'):format((alt or math.text):gsub('[\\"]', "\\%0"):gsub("%s+", " ")) }
  if math.mathtype == "DisplayMath" then table.insert(options, "block: true") end
  if label then table.insert(options, ('numbering: _ => "(%d)"'):format(equations)) end
  local call = ("#math.equation(%s, %s.body)"):format(table.concat(options, ", "), text)
  return pandoc.RawInline("typst", call .. (label and ("<%s>"):format(label) or ""))
end

local function numbered(math, label, alt)
  equations = equations + 1
  labels[label] = { word = "Equation", number = tostring(equations) }
  if format == "typst" then return in_typst(math, alt, label) end
  if format == "latex" then
    local text = ("\\begin{equation}\\label{%s}%s\\end{equation}"):format(label, math.text)
    return pandoc.RawInline("latex", text)
  end
  math.text = ("%s \\qquad(%d)"):format(math.text, equations)
  return pandoc.Span(math, { id = label })
end

-- $$…$$ {#eq-name alt="…"}: to Pandoc what is in the braces is text.
local function number_equations(inlines)
  local kept, at = pandoc.Inlines({}), 1
  while at <= #inlines do
    local inline, label, last = inlines[at], nil, at
    if inline.t == "Math" and inline.mathtype == "DisplayMath" then
      while inlines[last + 1] and inlines[last + 1].t ~= "Str" do last = last + 1 end
      local first = inlines[last + 1]
      label = first and first.text:match("^{#(eq%-[%w_-]+)")
    end
    if label then
      local words = pandoc.Inlines({})
      repeat
        last = last + 1
        words:insert(inlines[last])
      until not inlines[last + 1] or pandoc.utils.stringify(inlines[last]):match("}$")
      local alt = pandoc.utils.stringify(words):match("alt=[\"“'‘]*(.-)[\"”'’]*}$")
      kept:insert(numbered(inline, label, alt))
      at = last
    else
      kept:insert(inline)
    end
    at = at + 1
  end
  return kept
end

-- Several references are one citation to Pandoc.
local function refer(cite)
  local parts = pandoc.Inlines({})
  for i, citation in ipairs(cite.citations) do
    local label = labels[citation.id]
    if not label and #cite.citations == 1 then return nil end
    if not label and not citation.id:match("^%a+%-") then return nil end
    if i > 1 then parts:extend({ pandoc.Str(","), pandoc.Space() }) end
    local word = #citation.prefix > 0 and pandoc.utils.stringify(citation.prefix) or (label or {}).word
    if citation.mode == "SuppressAuthor" then word = nil end
    local words = label and ((word and word .. "\u{a0}" or "") .. label.number)
    parts:insert(label and pandoc.Link(words, "#" .. citation.id, "", { class = "ref" })
      or pandoc.Cite(cite.content, { citation }))
  end
  return parts
end

local function number(doc)
  is_numbering = doc.meta["number-sections"] == true
  top = 6
  doc.blocks:walk({ Header = function(header) top = math.min(top, header.level) end })
  doc.blocks = doc.blocks:walk({ Header = number_section }):walk({
    Para = function(block) return pandoc.Para(number_equations(block.content)) end,
    Plain = function(block) return pandoc.Plain(number_equations(block.content)) end,
  })
  return doc:walk({ Cite = refer })
end

-- In JATS the references come last, and the heading before them with them.
local function move_references(doc)
  local references, kept = pandoc.Blocks({}), pandoc.Blocks({})
  for _, block in ipairs(doc.blocks) do
    if block.identifier == "refs" then
      if #kept > 0 and kept[#kept].t == "Header" then references:insert(kept:remove()) end
      references:insert(block)
    else
      kept:insert(block)
    end
  end
  kept:extend(references)
  doc.blocks = kept
  return doc
end

local function read_kinds(meta)
  for _, one in ipairs(meta.crossref and meta.crossref.custom or {}) do
    figure_kinds[pandoc.utils.stringify(one.key)] = true
  end
end

-- A title or a name is words: what would be HTML in it is printed as it stands.
local function as_it_stands(raw)
  local is_page = raw.format == "html" and not raw.text:match("^<br%s*/?>$")
  return is_page and pandoc.Str(raw.text) or nil
end

local function read_fields(meta)
  read_kinds(meta)
  return pandoc.Pandoc({}, meta):walk({ RawInline = as_it_stands }).meta
end

return {
  { Meta = read_fields },
  {
    Div = in_place, Span = for_formats, CodeBlock = for_formats, RawBlock = raw_break,
    RawInline = function(inline)
      if inline.text:match("^<br%s*/?>$") then return pandoc.LineBreak() end
      return raw_break(inline) and pandoc.Space()
    end,
  },
  { Div = float_of, Image = in_form, Table = with_widths },
  { Pandoc = number },
  { Pandoc = format == "jats" and move_references or nil },
  { Math = format == "typst" and function(math) return in_typst(math) end or nil },
}
