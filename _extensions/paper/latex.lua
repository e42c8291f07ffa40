-- Figures and links for LaTeX, for both renderers: after floats.lua and appendix.lua, which leave
-- them as Pandoc has them.

if not FORMAT:match("latex") then return {} end

local function raw(text) return pandoc.RawInline("latex", text) end

local function between(before, inlines, after)
  local all = pandoc.Inlines({ raw(before) })
  all:extend(inlines)
  all:insert(raw(after))
  return all
end

-- Images side by side, each with its caption below.
local function panels(figure, columns)
  local inlines, share = pandoc.Inlines({}), ("%.3f"):format(0.97 / columns)
  for i, block in ipairs(figure.content) do
    local caption = block.caption and pandoc.utils.blocks_to_inlines(block.caption.long) or {}
    local name = (block.identifier or "") ~= "" and ("\\phantomsection\\label{%s}"):format(block.identifier)
    local content = pandoc.utils.blocks_to_inlines(block.content and block.t == "Figure" and block.content or { block })
    inlines:extend(between(("\\begin{minipage}[t]{%s\\linewidth}\\centering\n"):format(share), content, "\\par "))
    inlines:extend(between((name or "") .. "{\\footnotesize ", caption, "}\\end{minipage}"))
    inlines:insert(raw(i % columns == 0 and "\n\n\\medskip\n" or "\\hfill\n"))
  end
  return inlines
end

local function float(figure)
  local images = pandoc.List()
  figure.content:walk({ Image = function(one) images:insert(one) end })
  if #images == 0 or figure.classes:includes("panel") then return nil end
  local inlines = pandoc.Inlines({ raw("\\begin{figure}[tbp]\n\\centering\n") })
  if #images > 1 then
    inlines:extend(panels(figure, math.min(tonumber(figure.attributes["layout-ncol"]) or 1, #images)))
  else
    local image = images[1]
    if image.attributes.width == "100%" then
      -- paper.latex says how large it is.
      image.attributes.width, image.attributes.height = nil, nil
      inlines:extend(between("\\figureimage{", { image }, "}\n"))
    else
      inlines:extend({ image, raw("\n\n") })
    end
  end
  local caption, name = pandoc.utils.blocks_to_inlines(figure.caption.long), figure.identifier
  if figure.classes:includes("unnumbered") then
    inlines:extend(between(("\\caption*{\\phantomsection\\label{%s}"):format(name), caption, "}\n"))
  elseif name ~= "" then
    inlines:extend(between("\\caption[]{", caption, ("}\\label{%s}\n"):format(name)))
  elseif #caption > 0 then
    inlines:extend(between("\\caption*{", caption, "}\n"))
  end
  inlines:insert(raw("\\end{figure}"))
  return pandoc.Plain(inlines)
end

-- Numbers and their rows are named targets: a link needs no second run to find one.
local function target(span)
  if not span.identifier:match("^number_%d+$") and not span.identifier:match("^use_%d+$") then
    return nil
  end
  return between(("\\hypertarget{%s}{"):format(span.identifier), span.content, "}")
end

local function link(element)
  local row, use = element.target:match("^#(number_%d+)$"), element.target:match("^#(use_%d+)$")
  if row then return between(("\\recorded{%s}{"):format(row), element.content, "}") end
  if use then return between(("\\hyperlink{%s}{"):format(use), element.content, "}") end
end

-- Of a reference Quarto links the number alone, the other formats link its word too.
local function references(inlines)
  local all = pandoc.Inlines({})
  for _, inline in ipairs(inlines) do
    local label = inline.t == "RawInline" and inline.text:match("^\\ref{(%a+%-[%w_-]+)}$")
    if label and #all > 1 and all[#all].text == "\u{a0}" then
      all:insert(#all - 1, raw(("\\hyperref[%s]{"):format(label)))
      inline = raw(("\\ref*{%s}}"):format(label))
    end
    all:insert(inline)
  end
  return all
end

-- TeX breaks no path by itself.
local function breakable(code)
  local parts = pandoc.Inlines({})
  for part in code.text:gmatch("[^/]+/*") do
    if #parts > 0 then parts:insert(raw("\\allowbreak{}")) end
    parts:insert(pandoc.Code(part, code.attr))
  end
  return #parts > 1 and parts or nil
end

return {
  { Figure = float, Span = target, Link = link, Code = breakable },
  { Inlines = quarto and references or nil },
}
