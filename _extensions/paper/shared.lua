-- What Quarto and the embedded renderer both leave undone: boxes, line breaks, tables in Word.

local looks = { banner = "Banner", ["key-points"] = "Key Points", appendix = "Appendix" }
-- Names of Typst functions and LaTeX environments have no hyphen.
local boxes = { banner = "banner", ["key-points"] = "keypoints", appendix = "numberindex" }

-- ::: {.banner} is a boxed notice, {.key-points} one of its own colour; {.appendix} holds the rows of numbers.
local function styled(div)
  local name = looks[div.classes[1]] and div.classes[1]
  if not name then return nil end
  if FORMAT:match("typst") then
    local kind = div.attributes.kind and ('(kind: "%s")'):format(div.attributes.kind) or ""
    local blocks = pandoc.Blocks({ pandoc.RawBlock("typst", "#" .. boxes[name] .. kind .. "[") })
    blocks:extend(div.content)
    blocks:insert(pandoc.RawBlock("typst", "]"))
    return blocks
  end
  if FORMAT:match("latex") then
    local blocks = pandoc.Blocks({ pandoc.RawBlock("latex", "\\begin{" .. boxes[name] .. "}") })
    blocks:extend(div.content)
    blocks:insert(pandoc.RawBlock("latex", "\\end{" .. boxes[name] .. "}"))
    return blocks
  end
  if not FORMAT:match("docx") then return nil end
  return pandoc.Div(div.content, { ["custom-style"] = looks[name] })
end

local no_break = pandoc.Str("\u{a0}")

-- A mean and its SD stay on one line.
local function keep_together(inlines)
  for place, inline in ipairs(inlines) do
    if inline.t == "Str" and inline.text == "±" then
      for _, beside in ipairs({ place - 1, place + 1 }) do
        local gap = inlines[beside]
        if gap and (gap.t == "Space" or gap.t == "SoftBreak") then inlines[beside] = no_break end
      end
    end
  end
  return inlines
end

local characters_per_line, longest_cell, padding = 96, 66, 3

-- An interval goes to the next line before it is cut.
local function breakable(word)
  word.text = word.text:gsub("\u{a0}%(", " (")
  return word
end

-- How many characters wide each column is where no line is broken, and where all are that may be.
local function measured(block)
  local widest, narrowest = {}, {}
  local function measure(rows)
    for _, row in ipairs(rows) do
      for i, cell in ipairs(row.cells) do
        local text = pandoc.utils.stringify(cell.contents)
        local length = math.min(utf8.len(text) + padding, longest_cell)
        widest[i] = math.max(widest[i] or 0, length)
        for piece in text:gmatch("[^ \n]+") do
          narrowest[i] = math.min(math.max(narrowest[i] or 0, utf8.len(piece) + padding), widest[i])
        end
      end
    end
  end
  measure(block.head.rows)
  for _, body in ipairs(block.bodies) do measure(body.body) end
  return widest, narrowest
end

local function sum(lengths)
  local total = 0
  for _, length in ipairs(lengths) do total = total + length end
  return total
end

-- Word gives columns equal widths unless told otherwise: each what its longest piece needs, and an
-- equal part of what is left, or less where its widest cell asks for less.
local function column_widths(block)
  if not FORMAT:match("docx") or block.colspecs[1][2] then return nil end
  block = block:walk({ Str = breakable })
  local widest, narrowest = measured(block)
  for i in ipairs(widest) do narrowest[i] = narrowest[i] or widest[i] end
  local narrow = sum(narrowest)
  local left = math.max(0, characters_per_line - narrow)
  local order = pandoc.List(widest):map(function(_, i) return i end)
  order:sort(function(one, other) return widest[one] - narrowest[one] < widest[other] - narrowest[other] end)
  for place, i in ipairs(order) do
    local more = math.min(widest[i] - narrowest[i], left / (#order - place + 1))
    left = left - more
    block.colspecs[i] = { block.colspecs[i][1], (narrowest[i] + more) / math.max(characters_per_line, narrow) }
  end
  return block
end

-- Of an author Quarto gives Word the name alone.
local function with_affiliations(meta)
  if not (quarto and FORMAT:match("docx") and meta["by-author"]) then return nil end
  meta.author = pandoc.List(meta["by-author"]):map(function(author)
    local parts = { pandoc.utils.stringify(author.name.literal) }
    for _, affiliation in ipairs(author.affiliations or {}) do
      table.insert(parts, pandoc.utils.stringify(affiliation.name))
    end
    return pandoc.MetaInlines({ pandoc.Str(table.concat(parts, ", ")) })
  end)
  return meta
end

-- Word has no place of its own for keywords.
local function with_keywords(doc)
  if not (FORMAT:match("docx") and doc.meta.keywords) then return nil end
  local words = pandoc.List(doc.meta.keywords):map(pandoc.utils.stringify)
  local line = pandoc.Inlines({ pandoc.Strong("Keywords:"), pandoc.Space() })
  line:extend(pandoc.Inlines(table.concat(words, "; ")))
  doc.blocks:insert(1, pandoc.Para(line))
  return doc
end

-- The highest headings of an article are of level one or two; of Word and LaTeX, of level one.
local function raise_headings(doc)
  if not (quarto and (FORMAT:match("docx") or FORMAT:match("latex"))) then return nil end
  local top = 6
  doc.blocks:walk({ Header = function(header) top = math.min(top, header.level) end })
  if top == 1 then return nil end
  return doc:walk({
    Header = function(header)
      header.level = header.level - 1
      return header
    end,
  })
end

-- Of a cell with several outputs Quarto leaves out what tells it from them; numbers lead to the cell.
local function name_cell(div)
  local is_cell = div.classes:includes("cell") and div.attributes["execution_count"]
  if not (quarto and is_cell) or div.identifier == "" or div.identifier:match("^cell%-") then return nil end
  div.identifier = "cell-" .. div.identifier
  return div
end

return {
  { Pandoc = raise_headings },
  { Div = name_cell },
  { Div = styled, Table = column_widths, Inlines = keep_together, Meta = with_affiliations, Pandoc = with_keywords },
}
