-- [text]{when="fact"} is left out where the fact does not hold; {says="fact"} is a claim that was
-- checked; {.if-known} is left out where a number in it is withheld. Blocks alike. `paper check` has
-- asked the facts: here answers are only looked up, so that two renderers cannot differ. Runs before
-- the shortcodes of a part are looked at: what is left out may name numbers that these data lack.

local root = quarto and quarto.project.directory or os.getenv("PAPER_ROOT") or "."
local found = nil

local function read_found()
  local file = io.open(pandoc.path.join({ root, ".paper", "conditions.json" }))
  assert(file, "the manuscript: its conditions were not checked: run `paper check`")
  local text = file:read("a")
  file:close()
  return pandoc.json.decode(text, false)
end

local function holds(condition)
  found = found or read_found()
  local known = found.answers[(condition:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""))]
  assert(known ~= nil, "the manuscript: a condition was not checked: " .. condition)
  return known
end

-- The key that a span prints: as Quarto reads a shortcode, as ours does, or printed already.
local function key_of(span)
  local attributes = span.attributes
  local raw = attributes["data-raw"] and attributes["data-raw"]:match("^{{<%s*num%s+(%S+)%s*>}}")
  local own = span.classes:includes("num") and pandoc.utils.stringify(span)
  return raw or own or attributes["data-key"] or attributes["vocab-term"]
end

local function is_withheld(element)
  found = found or read_found()
  local withheld = false
  local function look(inline)
    local key = key_of(inline)
    withheld = withheld or (key and pandoc.List(found.withheld or {}):includes(key))
  end
  element:walk({ Span = look, Link = look })
  return withheld
end

-- What stands in the place of a span or block: nothing, its content, or itself without its mark.
local function decide(element)
  local attributes, if_known = element.attributes, element.classes:includes("if-known")
  if not (attributes.when or attributes.says or if_known) then return nil end
  if attributes.when and not holds(attributes.when) then return {} end
  if if_known and is_withheld(element) then return {} end
  attributes.when, attributes.says = nil, nil
  element.classes = element.classes:filter(function(name) return name ~= "if-known" end)
  local bare = element.identifier == "" and #element.classes == 0 and #attributes == 0
  return bare and element.content or { element }
end

-- A shortcode stands for a number: Quarto has it as a span without words, or still in its own signs.
local function text_of(inline)
  if not inline then return " " end
  if inline.t == "Space" or inline.t == "SoftBreak" or inline.t == "LineBreak" then return " " end
  local text = pandoc.utils.stringify(inline):gsub("{{<", "0"):gsub(">}}", "0")
  return text:match("%S") and text or "0"
end

-- What words are joined by; the other signs beyond ASCII are letters, or close a quotation.
local joints = { "–", "—", "‑", "“", "‘", "\u{a0}" }

local function ends_word(text)
  for _, joint in ipairs(joints) do
    if text:sub(-#joint) == joint then return false end
  end
  return text:match("[%w%.,;:!?%)%%\x80-\xff]$") ~= nil
end

local function begins_word(text)
  for _, joint in ipairs({ "–", "—", "‑", "\u{a0}", "”", "’" }) do
    if text:sub(1, #joint) == joint then return false end
  end
  return text:match("^[%w%(%[@\x80-\xff]") ~= nil
end

-- Markdown's reader drops a space just inside the brackets of a span: "many[ that]". No part of a
-- word stands under a condition, so that two words that would touch had a space between them.
local function put(list, inlines)
  local before, after = list[#list], inlines[1]
  if before and after and ends_word(text_of(before)) and begins_word(text_of(after)) then
    list:insert(pandoc.Space())
  end
  list:extend(inlines)
end

local function is_space(inline)
  return inline and (inline.t == "Space" or inline.t == "SoftBreak")
end

-- What is left out takes one of the spaces around it along.
local function close_gap(kept, after)
  if not is_space(kept[#kept]) then return is_space(after) and #kept == 0 end
  if is_space(after) then return true end
  if after and text_of(after):match("^[%.,;:!?%)]") then kept:remove() end
end

local function decide_all(inlines)
  local kept, changed, gone = pandoc.Inlines({}), false, false
  for _, inline in ipairs(inlines) do
    local decided = inline.t == "Span" and decide(inline) or nil
    if gone and not decided and close_gap(kept, inline) then
      goto continue
    end
    if decided then
      put(kept, decided)
    elseif changed then
      put(kept, { inline })
    else
      kept:insert(inline)
    end
    changed = decided ~= nil
    gone = changed and (#decided == 0 or gone)
    ::continue::
  end
  return kept
end

return { { Inlines = decide_all, Div = decide } }
