-- In PDF, Word and LaTeX each number leads to its row in "Where each number comes from", an appendix
-- that this filter writes, and the row leads back to the first use. Runs after num.lua.

local is_word = FORMAT:match("docx")
if not (is_word or FORMAT:match("typst") or FORMAT:match("latex")) then return {} end

local root = quarto and quarto.project.directory or os.getenv("PAPER_ROOT") or "."
local heading = "Where each number comes from"
local introduction = pandoc.Inlines(
  "Every number of the text, by the cell that computed it; the printed form leads back to its first use. Behind it "
    .. "stand its name, the value before rounding, to eight digits, over how many patients, how it was rounded, and "
    .. "what is known of it; "
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

-- A name may break after its dots. Word breaks any word that is too long, and would keep the mark.
local function breakable(name)
  return is_word and name or name:gsub("[._]", "%0\u{200b}")
end

local function source_of(entry, url)
  local name = entry.notebook:gsub("^.*/", ""):gsub("%.%w+$", "")
  local text = pandoc.Inlines(breakable(name .. ", " .. entry.cell))
  if not url then return text end
  local page = entry.notebook:gsub("%.%w+$", "-preview.html")
  return { pandoc.Link(text, url .. page .. "#cell-" .. entry.cell) }
end

-- The formula with the printed forms of what it is of; nothing where one of them is not recorded.
local function arithmetic(entry, numbers)
  local is_whole = entry.formula ~= nil
  local written = (entry.formula or ""):gsub("{(.-)}", function(other)
    is_whole = is_whole and numbers[other] ~= nil
    return is_whole and numbers[other].text or ""
  end)
  return is_whole and written .. " = " or ""
end

-- Before the colon of its name stands what a number is of, behind it which number of that it is.
local function name_of(entry)
  local of, which = entry.label:match("^(.-): (.*)$")
  return of or entry.label, which or ""
end

local function row_of(number, entry, numbers)
  local printed = pandoc.Str((entry.text:gsub(" ", "\u{a0}")))
  local _, which = name_of(entry)
  local row = pandoc.Inlines({
    pandoc.Span({ pandoc.Strong({ pandoc.Link(printed, "#use_" .. number) }) }, { id = "number_" .. number }),
    pandoc.Space(),
  })
  row:extend(pandoc.Inlines((which ~= "" and which .. ": " or "") .. arithmetic(entry, numbers)))
  row:extend(value_of(entry))
  local n = type(entry.n) == "number" and ("n\u{a0}%d"):format(entry.n) or ""
  for _, said in ipairs({ n, entry.rule, standing_of(entry) }) do
    if said ~= "" then row:extend(pandoc.Inlines("; " .. said)) end
  end
  return pandoc.Para(row)
end

local function head_of(entry, url)
  local head = pandoc.Inlines({ pandoc.Strong(pandoc.Inlines((name_of(entry)))), pandoc.Str(","), pandoc.Space() })
  head:extend(source_of(entry, url))
  if FORMAT:match("typst") then
    return pandoc.Plain({ pandoc.RawInline("typst", "#origin[") } .. head .. { pandoc.RawInline("typst", "]") })
  elseif FORMAT:match("latex") then
    return pandoc.Plain({ pandoc.RawInline("latex", "\\origin{") } .. head .. { pandoc.RawInline("latex", "}") })
  end
  return pandoc.Div({ pandoc.Para(head) }, { ["custom-style"] = "Appendix Heading" })
end

-- What one cell computes of one outcome stands together, where the first of it is used.
local function rows_of(keys, numbers)
  local url, groups, group_of = manuscript_url(), pandoc.List(), {}
  for number, key in ipairs(keys) do
    local entry = numbers[key]
    local origin = table.concat({ name_of(entry), entry.notebook, entry.cell }, "\n")
    if not group_of[origin] then
      group_of[origin] = pandoc.Blocks({ head_of(entry, url) })
      groups:insert(group_of[origin])
    end
    group_of[origin]:insert(row_of(number, entry, numbers))
  end
  local rows = pandoc.Blocks({})
  for _, group in ipairs(groups) do rows:extend(group) end
  return rows
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
    pandoc.Div(rows_of(keys, numbers), { class = "appendix" }),
  })
  return doc
end

return { { Pandoc = write } }
