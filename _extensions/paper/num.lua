-- {{< num key >}} prints a recorded number. One file for two renderers: Quarto calls it as a
-- shortcode; the embedded renderer turns the shortcode into [key]{.num} and runs it as a filter.

local root = quarto and quarto.project.directory or os.getenv("PAPER_ROOT") or "."
local article = os.getenv("PAPER_ARTICLE") or (quarto and quarto.doc.input_file) or "the manuscript"
local nearest_shown = 3

local function read(...)
  local file = io.open(pandoc.path.join({ root, ... }))
  if not file then return nil end
  local text = file:read("a")
  file:close()
  return pandoc.json.decode(text, false)
end

local function read_numbers()
  local known = read("results", "numbers.json")
  assert(known, "results/numbers.json is missing: run the notebooks (paper run)")
  return known
end

local numbers, left_out = nil, nil

-- A number that these data do not have, in a part or a notebook that does not apply to them:
-- `paper check` has seen to it that nothing else prints it.
local function is_left_out(key)
  local found = read(".paper", "conditions.json")
  left_out = left_out or pandoc.List(found and found.left_out or {})
  return left_out:includes(key)
end

local function edit_distance(a, b)
  local row = {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local diagonal = row[0]
    row[0] = i
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      local cell = math.min(row[j] + 1, row[j - 1] + 1, diagonal + cost)
      diagonal, row[j] = row[j], cell
    end
  end
  return row[#b]
end

local function nearest(key)
  local near = {}
  for known in pairs(numbers) do
    if known ~= "facts" then table.insert(near, { edit_distance(key, known), known }) end
  end
  table.sort(near, function(a, b)
    if a[1] ~= b[1] then return a[1] < b[1] end
    return a[2] < b[2]
  end)
  local names = {}
  for i = 1, math.min(nearest_shown, #near) do names[i] = near[i][2] end
  return table.concat(names, ", ")
end

-- An assertion, because Quarto replaces `error` by a message that does not stop the render.
local function lookup(key, place)
  local entry = numbers[key]
  if not entry then
    assert(false, place .. ": no number is recorded as '" .. key .. "'. Nearest: " .. nearest(key))
  end
  return entry
end

local function notebook_link(key, entry)
  local page = entry.notebook:gsub("%.%w+$", "-preview.html")
  return page .. "#key-" .. key
end

local function title_of(key, entry)
  local title = key
  if type(entry.n) == "number" then title = title .. (", n = %d"):format(entry.n) end
  return title .. ", computed in " .. entry.notebook
end

-- A number and its sign, relation or unit.
local function on_one_line(text)
  return (text:gsub(" ", "\u{a0}"))
end

-- What is known of a number that the publication does not print goes with it.
local function standing_of(entry)
  local known = type(entry.standing) == "table" and entry.standing or {}
  local words = ({ bounded = "bounds", ranged = "range" })[known.kind]
  if not words then
    return nil
  elseif known.low ~= known.high then
    return ("[%s %s to %s]"):format(words, on_one_line(known.low), on_one_line(known.high))
  end
end

-- Pairs, not a table: its order would differ from run to run. What is known of a number beside
-- itself, in a cell of a table, is a part of it.
local function attributes_of(class, names, key, part)
  local pairs = pandoc.List({ { names[1], key } })
  if part then pairs:insert({ names[2], part }) end
  return pandoc.Attr("", class and { class } or {}, pairs)
end

local function styled_number(key, entry, content, title, part)
  if FORMAT:match("html") then
    local attributes = attributes_of("num", { "data-key", "data-part" }, key, part)
    return pandoc.Link(content, notebook_link(key, entry), title, attributes)
  elseif FORMAT:match("jats") then
    local attributes = attributes_of(nil, { "vocab-term", "specific-use" }, key, part)
    attributes.attributes["content-type"], attributes.attributes.vocab = "number", "results/numbers.json"
    return pandoc.Span(content, attributes)
  end
  -- Its row in the appendix is not known yet: appendix.lua makes the link.
  return pandoc.Span(content, attributes_of("number", { "data-key", "data-part" }, key, part))
end

local function print_number(key, place)
  numbers = numbers or read_numbers()
  if not numbers[key] and is_left_out(key) then return pandoc.Inlines("–") end
  local entry = lookup(key, place)
  local text = pandoc.Inlines(pandoc.Str(on_one_line(entry.text)))
  local number, standing = styled_number(key, entry, text, title_of(key, entry)), standing_of(entry)
  if not standing then return pandoc.Inlines({ number }) end
  local class = FORMAT:match("html") and { class = "standing" } or {}
  return pandoc.Inlines({ number, pandoc.Space(), pandoc.Span(pandoc.Inlines(standing), class) })
end

-- A table of a notebook names the number of each text that it prints. What is not recorded has no
-- place to lead to, and stays text.
local function number_in_cell(span)
  local key = span.attributes["data-key"]
  if #span.classes > 0 or not key then return nil end
  numbers = numbers or read_numbers()
  if not numbers[key] then return span.content end
  return styled_number(key, numbers[key], span.content, "", span.attributes["data-part"])
end

local function is_withheld(inline)
  return inline ~= nil and pandoc.utils.stringify(inline):gsub("\u{a0}", " ") == "not shown"
end

-- The word between a number and the next one, its place, and that of the next; in a cell no line breaks there.
local function word_after(inlines, place)
  for _, at in ipairs({ place + 1, place + 2 }) do
    local inline = inlines[at]
    local word = inline and inline.t == "Str" and inline.text:gsub("\u{a0}", "")
    if word == "±" or word == "to" then return word, at, at + at - place end
  end
end

-- A mean whose SD is withheld: "6.7 (SD not shown)" and not "6.7 ± not shown".
local function name_withheld(inlines)
  for place = #inlines, 1, -1 do
    local word, at, after = word_after(inlines, place)
    if word == "±" and is_withheld(inlines[after]) then
      inlines[at].text = inlines[at].text:gsub("±", "(SD")
      inlines:insert(after + 1, pandoc.Str(")"))
    end
  end
  return inlines
end

-- An interval of which both ends are withheld, in a cell: "(not shown)" and not "(not shown to not shown)".
local function shorten_withheld(inlines)
  for place = #inlines, 1, -1 do
    local word, _, after = word_after(inlines, place)
    if word == "to" and is_withheld(inlines[place]) and is_withheld(inlines[after]) then
      for _ = place + 1, after do inlines:remove(place + 1) end
    end
  end
  return inlines
end

local function shorten_cells(block)
  return block:walk({ Inlines = shorten_withheld })
end

if quarto then
  -- The first is the shortcode, the other a filter.
  return {
    ["num"] = function(args)
      return print_number(pandoc.utils.stringify(args[1] or ""), article)
    end,
    Span = number_in_cell,
    Inlines = name_withheld,
    Table = shorten_cells,
  }
end

return {
  {
    Span = function(span)
      if not span.classes:includes("num") then return number_in_cell(span) end
      return print_number(pandoc.utils.stringify(span), span.attributes.place or article)
    end,
    Inlines = name_withheld,
    Table = shorten_cells,
  },
}
