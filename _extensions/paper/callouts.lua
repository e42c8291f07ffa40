-- Callouts are boxes: of the embedded renderer, and of Quarto for Typst, before it looks at them, as for its
-- own Quarto 1.7 downloads a package. In other formats Quarto makes them.

local format = FORMAT:match("^%a+")
if quarto and format ~= "typst" then return {} end

local titles = {
  note = "Note", tip = "Tip", warning = "Warning", caution = "Caution", important = "Important",
}
-- To one that has a number references lead, which Quarto makes.
local numbered = { nte = true, tip = true, wrn = true, cau = true, imp = true }

local function kind_of(div)
  for _, class in ipairs(div.classes) do
    local kind = class:match("^callout%-(%a+)$")
    if titles[kind] then return kind end
  end
end

local function box(div)
  local kind = kind_of(div)
  if not kind or (quarto and numbered[div.identifier:match("^(%a+)%-")]) then return nil end
  local content, title = div.content, pandoc.Inlines(titles[kind])
  local given, first = div.attributes.title, div.content[1]
  if given then
    title = pandoc.utils.blocks_to_inlines(pandoc.read(given, "markdown").blocks)
  elseif first and first.t == "Header" then
    title = content:remove(1).content
  end
  content:insert(1, pandoc.Para(pandoc.Strong(title)))
  -- JATS takes the first class for the name of the element.
  local classes = pandoc.List({ format == "jats" and "boxed-text" or "banner" })
  if not quarto then classes:extend({ "callout", "callout-" .. kind }) end
  classes:extend(div.classes:filter(function(class) return class:match("^content%-") end))
  local attributes = { kind = kind }
  for _, name in ipairs({ "when-format", "unless-format" }) do attributes[name] = div.attributes[name] end
  return pandoc.Div(content, pandoc.Attr(div.identifier, classes, attributes))
end

return { { Div = box } }
