-- Keeps the document as it is, for paper.inspection, which compares with it what the renderer makes
-- of it. For both renderers; runs when numbers and conditions are in place, and before floats.lua,
-- so that a fault of a later filter is found too.

local root = quarto and quarto.project.directory or os.getenv("PAPER_ROOT") or "."
local folder = pandoc.path.join({ root, ".paper", "expected" })

-- Quarto runs the filters on notebooks too.
local function is_article()
  return not (quarto and quarto.doc.input_file:match("%.ipynb$"))
end

-- Quarto writes a reference as Typst with its word inside; what it prints is one thing.
local function join_references(inlines)
  local joined, is_open = pandoc.Inlines({}), false
  for _, inline in ipairs(inlines) do
    local raw = inline.t == "RawInline" and inline.text or ""
    if not is_open then joined:insert(inline) end
    is_open = raw:match("^#ref%(") ~= nil or (is_open and raw ~= "])")
  end
  return joined
end

local function keep(doc)
  if not is_article() then return nil end
  pandoc.system.make_directory(folder, true)
  local name = FORMAT:match("^%a+") .. ".json"
  local file = assert(io.open(pandoc.path.join({ folder, name }), "w"))
  file:write(pandoc.write(doc:walk({ Inlines = join_references }), "json"))
  file:close()
end

return { { Pandoc = keep } }
