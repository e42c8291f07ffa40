-- What the page's script needs: an id on every number, to come back to, and what is known of the
-- numbers used. For both renderers, after num.lua. Without the script the ids still serve as links.

if not FORMAT:match("html") then return {} end

local root = quarto and quarto.project.directory or os.getenv("PAPER_ROOT") or "."

local function read_json(path)
  local name = pandoc.path.join({ root, path })
  local file = io.open(name)
  assert(file, path .. " is missing: run the notebooks (paper run)")
  local text = file:read("a")
  file:close()
  return pandoc.json.decode(text, false)
end

local times_used, known_numbers = {}, nil

local function escape(text)
  return (text:gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }))
end

-- num-KEY where a number stands first, then num-KEY-2, num-KEY-3 …
local function name_number(link)
  local key = link.classes:includes("num") and link.attributes["data-key"]
  if not key then return nil end
  local times = (times_used[key] or 0) + 1
  times_used[key] = times
  link.identifier = "num-" .. key .. (times > 1 and "-" .. times or "")
  return link
end

local function without_options(source)
  local lines = {}
  for line in (source .. "\n"):gmatch("(.-)\n") do
    if not line:match("^#|") then table.insert(lines, line) end
  end
  return table.concat(lines, "\n")
end

local function label_of(source)
  return source:match("^#| label: *([%w_-]+)") or source:match("\n#| label: *([%w_-]+)")
end

-- Source of every labelled cell of a notebook; of a text with code, as it was last run.
local function sources_of(notebook)
  local found = {}
  local is_text, run = pcall(read_json, ".paper/written/" .. notebook .. ".ipynb")
  for _, cell in ipairs((is_text and run or read_json(notebook)).cells) do
    local source = type(cell.source) == "table" and table.concat(cell.source) or cell.source
    local label = label_of(source) or cell.id
    if label then found[label] = without_options(source) end
  end
  return found
end

-- The numbers in the text, and those that may take their place (choices.lua).
local function with_keys_of(choices)
  local keys = {}
  for key in pairs(times_used) do keys[key] = true end
  for _, outcome in ipairs(choices or {}) do
    for _, one in ipairs(outcome.specifications) do
      for _, key in pairs(one.keys) do keys[key] = true end
    end
  end
  return keys
end

-- Numbers by key, and the cells that computed them, each once; of the numbers that their formulas
-- name, and of the ends of their intervals, the texts. The encoder sorts the keys.
local function facts(choices)
  local all, numbers, cells, notebooks, texts = read_json("results/numbers.json"), {}, {}, {}, {}
  for key in pairs(with_keys_of(choices)) do
    local entry = all[key]
    local sources = notebooks[entry.notebook] or sources_of(entry.notebook)
    notebooks[entry.notebook] = sources
    numbers[key] = entry
    cells[entry.notebook .. "#" .. entry.cell] = sources[entry.cell]
    local stem = key:gsub("[^.]+$", "")
    local named = (entry.formula or "") .. ("{%slower}{%supper}"):format(stem, stem)
    for other in named:gmatch("{(.-)}") do texts[other] = all[other] and all[other].text end
  end
  return { numbers = numbers, cells = cells, texts = texts, choices = choices }
end

local function add_facts(doc)
  if quarto then
    quarto.doc.add_html_dependency({
      name = "paper", version = "1", scripts = {
        { path = "paper.js", afterBody = true }, { path = "choices.js", afterBody = true },
        { path = "page.js", afterBody = true },
      },
    })
  end
  if next(times_used) == nil then return nil end
  -- Neither an end tag nor `<!--<script>` may stand in a script.
  local choices = doc.meta["paper-choices"]
  local read = choices and pandoc.json.decode(pandoc.utils.stringify(choices), false)
  local json = pandoc.json.encode(facts(read)):gsub("<", "\\u003c")
  local block = '<script type="application/json" id="numbers">' .. json .. "</script>"
  if quarto then
    quarto.doc.include_text("after-body", block)
    return nil
  end
  doc.meta["include-after"] = pandoc.Blocks({ pandoc.RawBlock("html", block) })
  return doc
end

-- The first cell of a row says what the row is of. Wide tables scroll in a frame of their own and
-- stay tables to a screen reader.
local function frame(block)
  if #block.colspecs > 1 then
    for _, body in ipairs(block.bodies) do body.row_head_columns = 1 end
  end
  return quarto and block or pandoc.Div({ block }, { class = "frame" })
end

-- What a cell published, a line for each number: what it is called, its text, its key.
local published = "^(%S.-)  +(%S.-)  +([a-z][%w_.]+)$"
local few_rows = 12

local function row_of(line, known)
  local label, text, key = line:match(published)
  if not (key and known[key]) then return nil end
  local function cell(tag, content) return "<" .. tag .. ">" .. content .. "</" .. tag:match("^%w+") .. ">" end
  return ('<tr id="key-%s">%s%s%s</tr>'):format(
    key, cell('th scope="row"', escape(label)), cell("td", escape(text)), cell("td", "<code>" .. key .. "</code>"))
end

-- They become a table, with a row that the number leads to.
local function numbers_as_table(block)
  if not block.text:match(published:sub(1, -2) .. "\n?") then return nil end
  known_numbers = known_numbers or read_json("results/numbers.json")
  local rows = {}
  for line in block.text:gmatch("[^\n]+") do
    local row = row_of(line, known_numbers)
    if not row then return nil end
    table.insert(rows, row)
  end
  local head = '<thead><tr><th scope="col">Number</th><th scope="col">Text</th><th scope="col">Key</th></tr></thead>'
  local body = ('<table class="published">%s<tbody>%s</tbody></table>'):format(head, table.concat(rows))
  if #rows > few_rows then
    body = ("<details><summary>%d numbers</summary>%s</details>"):format(#rows, body)
  end
  return pandoc.RawBlock("html", body)
end

-- A table of a notebook arrives as the Markdown that its cell put out.
local function read_markdown(block)
  if block.format == "markdown" then return pandoc.read(block.text, "markdown").blocks end
end

return {
  { RawBlock = not quarto and read_markdown or nil },
  { CodeBlock = numbers_as_table, Link = name_number, Table = frame, Pandoc = add_facts },
}
