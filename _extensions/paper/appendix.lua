-- In PDF, Word and LaTeX each number leads to its row in "Where each number comes from", an appendix
-- that this filter writes, and the row leads back to the first use. Runs after num.lua.

local is_word = FORMAT:match("docx")
if not (is_word or FORMAT:match("typst") or FORMAT:match("latex")) then return {} end

local root = quarto and quarto.project.directory or os.getenv("PAPER_ROOT") or "."
local heading = "Where each number comes from"
local introduction = pandoc.Inlines(
  "Every number of the text, in order of its first use, to which the printed form leads back. "
    .. "Values are given to eight digits; "
) .. { pandoc.Code("results/numbers.json") } .. pandoc.Inlines(" has all.")

local function read(...)
  local file = io.open(pandoc.path.join({ root, ... }))
  if not file then return nil end
  local text = file:read("a")
  file:close()
  return text
end

-- Where the notebooks can be read, when the manuscript has been published.
local function manuscript_url()
  local configuration = "---\n" .. (read("_quarto.yml") or "") .. "\n---\n"
  local manuscript = pandoc.read(configuration, "markdown-smart").meta.manuscript
  local url = manuscript and manuscript["manuscript-url"]
  return url and pandoc.utils.stringify(url):gsub("/*$", "/")
end

-- Eight digits tell apart what two computations would; results/numbers.json has all.
local function precise(value)
  if type(value) ~= "number" then return pandoc.Inlines("not estimable") end
  local digits = math.type(value) == "integer" and ("%d"):format(value) or ("%.8g"):format(value)
  local mantissa, exponent = digits:match("^(.-)e(.+)$")
  local written = pandoc.Inlines({ pandoc.Str(((mantissa or digits):gsub("^-", "\u{2212}"))) })
  if exponent then
    local power = ("%d"):format(tonumber(exponent)):gsub("^-", "\u{2212}")
    written:insert(pandoc.Str("\u{a0}×\u{a0}10"))
    written:insert(pandoc.Superscript(power))
  end
  return written
end

local function value_of(entry)
  local written = precise(entry.value)
  if entry.unit == "%" then
    written:insert(pandoc.Str("%"))
  elseif entry.unit ~= "" and entry.unit ~= "proportion" then
    written:extend({ pandoc.Space(), pandoc.Str(entry.unit) })
  end
  return written
end

local function standing_of(entry)
  if entry.printed then return "printed " .. entry.printed end
  local known = entry.standing
  if type(known) ~= "table" then return "" end
  local words = ({ bounded = "bounds", ranged = "range" })[known.kind]
  if not words then return known.kind end
  if known.low == known.high then return words .. " " .. known.low end
  return ("%s %s to %s"):format(words, known.low, known.high)
end

-- A key may break after its dots. Word breaks any word that is too long, and would keep the mark.
local function breakable(key)
  return is_word and key or key:gsub("[._]", "%0\u{200b}")
end

local function source_of(entry, url)
  local name = entry.notebook:gsub("^.*/", ""):gsub("%.%w+$", "")
  local text = pandoc.Inlines(breakable(name .. ", " .. entry.cell))
  if not url then return text end
  local page = entry.notebook:gsub("%.%w+$", "-preview.html")
  return { pandoc.Link(text, url .. page .. "#cell-" .. entry.cell) }
end

local columns = {
  { "Key", 0.225, pandoc.AlignLeft },
  { "Printed", 0.095, pandoc.AlignLeft },
  { "Value", 0.15, pandoc.AlignLeft },
  { "n", 0.035, pandoc.AlignRight },
  { "Rounding", 0.15, pandoc.AlignLeft },
  { "Standing", 0.145, pandoc.AlignLeft },
  { "Notebook, cell", 0.2, pandoc.AlignLeft },
}

local function row_of(number, key, entry, url)
  local printed = pandoc.Str((entry.text:gsub(" ", "\u{a0}")))
  local cells = {
    pandoc.Span(pandoc.Inlines(breakable(key)), { id = "number_" .. number }),
    pandoc.Link(printed, "#use_" .. number),
    pandoc.Span(value_of(entry)),
    pandoc.Str(type(entry.n) == "number" and ("%d"):format(entry.n) or ""),
    pandoc.Span(pandoc.Inlines(entry.rule)),
    pandoc.Span(pandoc.Inlines(standing_of(entry))),
    pandoc.Span(source_of(entry, url)),
  }
  local row = pandoc.List(cells):map(function(cell)
    return pandoc.Cell({ pandoc.Plain({ cell }) })
  end)
  return pandoc.Row(row)
end

local function table_of(keys, numbers)
  local url, rows = manuscript_url(), pandoc.List()
  for number, key in ipairs(keys) do
    rows:insert(row_of(number, key, numbers[key], url))
  end
  local head = pandoc.List(columns):map(function(column)
    return pandoc.Cell({ pandoc.Plain({ pandoc.Str((column[1]:gsub(" ", "\u{a0}"))) }) })
  end)
  local specs = pandoc.List(columns):map(function(column)
    return { column[3], column[2] }
  end)
  return pandoc.Table(
    { long = {} },
    specs,
    pandoc.TableHead({ pandoc.Row(head) }),
    { { attr = pandoc.Attr(), body = rows, head = {}, row_head_columns = 0 } },
    pandoc.TableFoot(),
    { class = "typst:no-figure" }
  )
end

-- In order of first use, the abstract first. What is met for the first time can be led back to.
local function link_numbers(doc)
  local keys, row_of_key = pandoc.List(), {}
  local function link(span)
    if not span.classes:includes("number") then return nil end
    local key = span.attributes["data-key"]
    local number, identifier = row_of_key[key], ""
    if not number then
      keys:insert(key)
      number, identifier = #keys, "use_" .. #keys
      row_of_key[key] = number
    end
    local style = is_word and { ["custom-style"] = "Number" } or {}
    local inner = pandoc.Span(span.content, pandoc.Attr(identifier, {}, style))
    return pandoc.Link(inner, "#number_" .. number)
  end
  if doc.meta.abstract then doc.meta.abstract = doc.meta.abstract:walk({ Span = link }) end
  doc.blocks = doc.blocks:walk({ Span = link })
  return keys
end

local function level_of_sections(doc)
  local level = 6
  doc.blocks:walk({ Header = function(header) level = math.min(level, header.level) end })
  return level
end

local function write(doc)
  local keys = link_numbers(doc)
  if #keys == 0 then return doc end
  local numbers = pandoc.json.decode(read("results", "numbers.json"), false)
  local identifier = heading:lower():gsub(" ", "-")
  doc.blocks:extend({
    pandoc.Header(level_of_sections(doc), heading, { id = identifier }),
    pandoc.Para(introduction),
    pandoc.Div({ table_of(keys, numbers) }, { class = "appendix" }),
  })
  return doc
end

return { { Pandoc = write } }
