-- What Quarto does to Pandoc's document, for the embedded renderer: numbers figures and tables,
-- resolves references to them.

local words = { fig = "Figure", tbl = "Table" }
local counts = { fig = 0, tbl = 0 }
local labels = {}

local function kind_of(identifier)
  return identifier and words[identifier:match("^(%a+)%-")] and identifier:match("^(%a+)%-")
end

local function give_number(identifier)
  local kind = kind_of(identifier)
  if kind and not labels[identifier] then
    counts[kind] = counts[kind] + 1
    labels[identifier] = words[kind] .. "\u{a0}" .. counts[kind]
  end
end

-- Typst writes the number of a caption itself.
local function prefix(caption, identifier)
  if FORMAT:match("typst") or not labels[identifier] then return end
  local first = caption.long[1]
  first.content:insert(1, pandoc.Space())
  first.content:insert(1, pandoc.Strong(pandoc.Str(labels[identifier] .. ".")))
  caption.long[1] = first
end

-- A table is wrapped in a block that carries its label; the table takes it.
local function unwrap_table(div)
  if kind_of(div.identifier) ~= "tbl" then return nil end
  for _, block in ipairs(div.content) do
    if block.t == "Table" then
      block.identifier = div.identifier
      return block
    end
  end
end

local number = {
  traverse = "topdown",
  Div = unwrap_table,
  Figure = function(figure)
    give_number(figure.identifier)
  end,
}

local caption = {
  Table = function(block)
    give_number(block.identifier)
    prefix(block.caption, block.identifier)
    return block
  end,
  Figure = function(figure)
    prefix(figure.caption, figure.identifier)
    return figure
  end,
}

local function refer(cite)
  local parts = pandoc.Inlines({})
  for i, citation in ipairs(cite.citations) do
    if not labels[citation.id] then return nil end
    if i > 1 then parts:extend({ pandoc.Str(","), pandoc.Space() }) end
    parts:insert(pandoc.Link(labels[citation.id], "#" .. citation.id, "", { class = "ref" }))
  end
  return parts
end

return { number, caption, { Cite = refer } }
