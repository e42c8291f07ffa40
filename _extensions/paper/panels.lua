-- Images for Typst, with words for who does not see them; figures without a number; and the parts of
-- a figure side by side, in each format. After floats.lua, which names the parts.

local is_typst, is_word = FORMAT:match("typst"), FORMAT:match("docx")

local function image_in_typst(image)
  local alternative = pandoc.utils.stringify(image.caption):gsub('[\\"]', "\\%0")
  local size = ""
  for _, side in ipairs({ "width", "height" }) do
    local length = image.attributes[side] or "auto"
    local pixels = tonumber(length:match("^([%d.]+)p?x?$"))
    size = size .. (", %s: %s"):format(side, pixels and ("%gpt"):format(pixels * 0.75) or length)
  end
  local call = ('#box(image("%s"%s, alt: "%s"))'):format(image.src, size, alternative)
  return pandoc.RawInline("typst", call)
end

local function raw(text) return pandoc.RawBlock("typst", text) end

-- To Typst it is a figure, so that it can be referred to.
local function figure_in_typst(figure)
  local name, number = figure.identifier, figure.attributes.number
  local blocks = pandoc.Blocks({ raw("#figure([") })
  blocks:extend(figure.content)
  blocks:insert(raw("#parbreak()#set text(size: 9pt)"))
  blocks:extend(figure.caption.long)
  blocks:insert(raw(('], kind: "part", placement: none, supplement: "%s", numbering: %s)%s'):format(
    figure.attributes.word or "",
    number and ('_ => "%s"'):format(number) or "none",
    number and ("<%s>"):format(name) or ""
  )))
  return pandoc.Div(blocks)
end

local function styled(style, blocks)
  return pandoc.Div(blocks, { ["custom-style"] = style })
end

local function figure_in_word(figure)
  local blocks = pandoc.Blocks({ styled("Captioned Figure", figure.content) })
  if #figure.caption.long > 0 then blocks:insert(styled("Image Caption", figure.caption.long)) end
  return pandoc.Div(blocks, { id = figure.identifier })
end

local function plain_figure(figure)
  if quarto and not figure.classes:includes("panel") then return nil end
  return is_typst and figure_in_typst(figure) or is_word and figure_in_word(figure) or nil
end

local function grid(div, columns)
  local blocks = pandoc.Blocks({ raw(("#grid(columns: %d, gutter: 1em,"):format(columns)) })
  for _, block in ipairs(div.content) do
    blocks:extend({ raw("["), block, raw("],") })
  end
  blocks:insert(raw(")"))
  return blocks
end

-- An image that has no size of its own, or a part of the page, gets the width of its column.
local function table_in_word(div, columns)
  local rows, specs = pandoc.List(), pandoc.List()
  local content = div.content:walk({
    Image = function(image)
      if not (image.attributes.width or "%"):match("%%$") then return nil end
      image.attributes.width = ("%d%%"):format(95 // columns)
      return image
    end,
  })
  for i, block in ipairs(content) do
    if (i - 1) % columns == 0 then rows:insert(pandoc.List()) end
    rows[#rows]:insert(pandoc.Cell({ block }))
  end
  for _ = 1, columns do specs:insert({ pandoc.AlignCenter, 1 / columns }) end
  while #rows[#rows] < columns do rows[#rows]:insert(pandoc.Cell({})) end
  local all = rows:map(function(cells) return pandoc.Row(cells) end)
  local body = { attr = pandoc.Attr(), body = all, head = {}, row_head_columns = 0 }
  local attributes = { ["custom-style"] = "Panels" }
  return pandoc.Table({ long = {} }, specs, pandoc.TableHead(), { body }, pandoc.TableFoot(), attributes)
end

local function side_by_side(div)
  local columns = div.classes:includes("panels") and tonumber(div.attributes.columns)
  if not columns then return nil end
  if is_typst then return grid(div, columns) end
  if is_word then return table_in_word(div, columns) end
  if not FORMAT:match("html") then return div.content end
  div.attributes = { style = ("grid-template-columns: repeat(%d, 1fr)"):format(columns) }
  return div
end

-- In inches, in reference.docx.
local text_width = 6.3

-- Of a share of the page Pandoc makes an image in Word no wider than that, but never as wide.
local function image_in_word(image)
  local share = tonumber((image.attributes.width or ""):match("^([%d.]+)%%$"))
  if not share or share >= 100 then return nil end
  image.attributes.width = ("%.2fin"):format(share / 100 * text_width)
  return image
end

return {
  { Image = is_typst and image_in_typst or nil, Figure = plain_figure },
  { Div = side_by_side },
  { Image = is_word and image_in_word or nil },
}
