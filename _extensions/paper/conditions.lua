-- [text]{when="…"} is left out where its condition does not hold; {says="…"} is a claim that was
-- checked. Blocks alike. `paper check` has compared both with the recorded numbers: here they are
-- only looked up, so that two renderers cannot differ. Runs before the shortcodes of a part are
-- looked at: what is left out may name numbers that these data do not have.

local root = quarto and quarto.project.directory or os.getenv("PAPER_ROOT") or "."
local answers = nil

local function read_answers()
  local file = io.open(pandoc.path.join({ root, ".paper", "conditions.json" }))
  assert(file, "the manuscript: its conditions were not checked: run `paper check`")
  local text = file:read("a")
  file:close()
  return pandoc.json.decode(text, false).answers
end

local function holds(condition)
  answers = answers or read_answers()
  local known = answers[(condition:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""))]
  assert(known ~= nil, "the manuscript: a condition was not checked: " .. condition)
  return known
end

local function decide(element)
  local attributes = element.attributes
  if not (attributes.when or attributes.says) then return nil end
  if attributes.when and not holds(attributes.when) then return {} end
  attributes.when, attributes.says = nil, nil
  local bare = element.identifier == "" and #element.classes == 0 and #attributes == 0
  return bare and element.content or element
end

return { { Span = decide, Div = decide } }
