-- Tables for LaTeX, which itself would let them run off the page. Widths are estimated here, so
-- that the source stays what a journal can read: columns that fit are left to LaTeX, those of text
-- wrap, then the type gets smaller; what is too wide for all that lies on its side, and what is too
-- long goes over several pages. For both renderers, after appendix.lua.

if not FORMAT:match("latex") then return {} end

-- In points, as paper.latex sets them.
local text_width, text_height, gap = 455, 700, 9
local sizes = { 8.5, 7.5, 6.5 }
local line_height, highest_float, longest_part = 1.35, 0.8, 8

-- Widths of Latin Modern at these sizes, in ems.
local width_of, other = { [0x200b] = 0 }, 0.58
for width, characters in pairs({
  [0.34] = "iIjlft.,:;!|'`()[] \u{a0}",
  [0.45] = "rscezk*“”",
  [0.80] = "ABCDEFGHJKLNOPQRSTUVXYZ&",
  [0.92] = "mwMW%@−+±×=<>≤≥≈≠→←∞—",
}) do
  for _, code in utf8.codes(characters) do width_of[code] = width end
end

local function ems(text)
  local width = 0
  for _, code in utf8.codes(text) do width = width + (width_of[code] or other) end
  return width
end

local function raw(text) return pandoc.RawInline("latex", text) end

local function inlines_of(cell)
  return pandoc.utils.blocks_to_inlines(cell.contents, { pandoc.LineBreak() })
end

-- Width of the longest line of a cell and of its longest word, and whether it has several lines.
local function measure(cell)
  local inlines = inlines_of(cell):walk({ LineBreak = function() return pandoc.Str("\n") end })
  local text = pandoc.utils.stringify(inlines)
  local line, word = 0, 0
  for part in text:gmatch("[^\n]+") do line = math.max(line, ems(part)) end
  for part in text:gsub("\u{200b}", " "):gsub("%-", "- "):gmatch("[^ \n]+") do
    word = math.max(word, ems(part))
  end
  return line, word, text:find("\n", 1, true) ~= nil
end

local function body_rows(block)
  local rows = pandoc.List({})
  for _, body in ipairs(block.bodies) do
    rows:extend(body.head)
    rows:extend(body.body)
  end
  return rows
end

local function rows_of(block)
  local rows = pandoc.List({})
  rows:extend(block.head.rows)
  rows:extend(body_rows(block))
  rows:extend(block.foot.rows)
  return rows
end

local function is_rich(cell)
  local first = cell.contents[1]
  return cell.row_span > 1 or cell.col_span > 1 or #cell.contents > 1
    or (first and first.t ~= "Plain" and first.t ~= "Para")
end

-- Rows and columns in one, or lists and the like, which Pandoc itself sets.
local function has_more(rows)
  return rows:find_if(function(row) return pandoc.List(row.cells):find_if(is_rich) end)
end

-- Of each column, in ems: how wide it would be, and how narrow it can be.
local function columns_of(block)
  local columns = pandoc.List(block.colspecs):map(function(spec)
    return { align = spec[1], share = spec[2], natural = 0, least = 0, lines = false }
  end)
  for _, row in ipairs(rows_of(block)) do
    for i, cell in ipairs(row.cells) do
      local column, line, word, lines = columns[i], measure(cell)
      column.natural = math.max(column.natural, line)
      column.least = math.max(column.least, word)
      column.lines = column.lines or lines
    end
  end
  return columns
end

local function sum(columns, name)
  local total = 0
  for _, column in ipairs(columns) do total = total + column[name] end
  return total
end

-- Widths that were given, if no word is cut.
local function hold(columns, room)
  return not columns:find_if(function(column)
    return not column.share or column.least > column.share * room
  end)
end

-- What is left over beyond the longest words goes to the columns in equal parts; what one of them
-- does not need, to those that need more.
local function share_out(columns, room)
  local left = room - sum(columns, "least")
  if left < 0 then return false end
  local order = columns:map(function(column) return column end)
  order:sort(function(one, other) return one.natural - one.least < other.natural - other.least end)
  for place, column in ipairs(order) do
    local more = math.min(column.natural - column.least, left / (#order - place + 1))
    column.share, left = (column.least + more) / room, left - more
  end
  return true
end

local function fit(columns, room)
  return sum(columns, "natural") <= room or share_out(columns, room)
end

-- The largest type in which a table fits, and how many ems are then between its sides.
local function choose(columns, width)
  local given = not columns:find_if(function(column) return not column.share end)
  for _, fits in ipairs(given and { hold, share_out } or { fit }) do
    for _, size in ipairs(sizes) do
      local room = (width - gap * (#columns - 1)) / size
      if fits(columns, room) then return size, room end
    end
  end
end

local function loosen(word)
  return pandoc.Inlines((word.text:gsub("\u{a0}", " ")))
end

local function cut(word)
  local part = utf8.charpattern:rep(longest_part)
  return pandoc.Str((word.text:gsub(part, "%0\u{200b}")))
end

-- Upright, then on its side, then with words that are pulled apart, and at last with words that are
-- cut; nothing if even that is too wide.
local function plan(block)
  local columns = columns_of(block)
  local size, room = choose(columns, text_width)
  if size then return block, columns, size, room, false end
  for _, change in ipairs({ false, loosen, cut }) do
    if change then block = block:walk({ Str = change }) end
    columns = columns_of(block)
    size, room = choose(columns, text_height)
    if size then return block, columns, size, room, true end
  end
end

local function is_wrapped(column, room)
  return column.lines or (column.share and column.natural > column.share * room + 0.01)
end

local function count_lines(row, columns, room)
  local most = 1
  for i, cell in ipairs(row.cells) do
    local natural, _, several = measure(cell)
    local share = columns[i].share
    local needed = share and math.ceil(natural / (share * room)) or 1
    most = math.max(most, needed + (several and 1 or 0))
  end
  return most
end

local letters = { AlignRight = "r", AlignCenter = "c" }
local ragged = { AlignRight = "\\raggedleft", AlignCenter = "\\centering" }

-- Columns as LaTeX has them: in a table that stays on one page it measures those that do not wrap.
local function specification(columns, room, is_long)
  local wrapped = columns:filter(function(column) return is_wrapped(column, room) end)
  local written = columns:map(function(column)
    local text = (ragged[column.align] or "\\raggedright") .. "\\arraybackslash"
    if #wrapped > 0 and is_long then
      local gaps = 2 * (#columns - 1) * column.share
      local width = ("\\dimexpr%.4f\\linewidth-%.4f\\tabcolsep\\relax"):format(column.share, gaps)
      return (">{%s}p{%s}"):format(text, width)
    elseif wrapped:includes(column) then
      local part = column.share * #wrapped / sum(wrapped, "share")
      return (">{\\hsize=%.4f\\hsize\\linewidth=\\hsize%s}X"):format(part, text)
    end
    return letters[column.align] or "l"
  end)
  return "@{}" .. table.concat(written) .. "@{}", #wrapped > 0
end

local function in_cell() return raw("\\newline{}") end

local function typeset(rows, after)
  local inlines = pandoc.Inlines({})
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row.cells) do
      if i > 1 then inlines:insert(raw(" & ")) end
      inlines:extend(inlines_of(cell):walk({ LineBreak = in_cell }))
    end
    inlines:insert(raw(" \\\\\n" .. (after or "")))
  end
  return inlines
end

-- LaTeX in pieces, the cells among them.
local function join(...)
  local inlines = pandoc.Inlines({})
  for _, part in ipairs({ ... }) do
    if type(part) == "string" then inlines:insert(raw(part)) else inlines:extend(part) end
  end
  return inlines
end

local function captioned(block, after, unnumbered)
  local caption = pandoc.utils.blocks_to_inlines(block.caption.long)
  if #caption == 0 then return caption end
  if block.identifier == "" then return join(unnumbered .. "{", caption, "}" .. after) end
  return join("\\caption[]{", caption, ("}\\label{%s}"):format(block.identifier) .. after)
end

local function head_of(block)
  if #block.head.rows == 0 then return join("\\toprule\n") end
  return join("\\toprule\n", typeset(block.head.rows), "\\midrule\n")
end

local function body_of(block, after)
  local body = typeset(body_rows(block), after)
  if #block.foot.rows == 0 then return body end
  return join(body, "\\midrule\n", typeset(block.foot.rows, after))
end

-- Quarto looks for its ends, each on a line of its own.
local function long_table(block, columns, wrapped)
  return join(
    ("\\begin{longtable}{%s}\n"):format(columns), captioned(block, "\\\\\n", "\\caption*"),
    head_of(block), "\\endfirsthead\n", head_of(block), "\\endhead\n\\bottomrule\n\\endfoot\n",
    body_of(block, wrapped and "\\addlinespace[2pt]\n"), "\\end{longtable}\n",
    -- It is counted whether it has a number or not.
    block.identifier == "" and "\\addtocounter{table}{-1}\n" or ""
  )
end

local function short_table(block, columns, wrapped)
  local name, width = "tabular", ""
  if wrapped then name, width = "tabularx", "{\\linewidth}" end
  return join(
    ("\\begin{%s}%s{%s}\n"):format(name, width, columns),
    head_of(block), body_of(block), ("\\bottomrule\n\\end{%s}\n"):format(name)
  )
end

-- What is around a table: a float if it has a number and fits on a page.
local function surroundings(block, is_long, on_its_side)
  if on_its_side then
    return "\\begin{landscape}\n\\setlength{\\LTcapwidth}{\\linewidth}\n", "\\end{landscape}"
  end
  if is_long then return "{\n", "}" end
  if block.identifier == "" then return "\\begin{center}\n", "\\end{center}" end
  return "\\begin{table}[tbp]\n\\centering\n", "\\end{table}"
end

local function in_latex(given)
  if #rows_of(given) == 0 or has_more(rows_of(given)) then return nil end
  local block, columns, size, room, on_its_side = plan(given)
  if not block then return nil end
  local lines = 0
  for _, row in ipairs(rows_of(block)) do lines = lines + count_lines(row, columns, room) end
  local is_long = on_its_side or lines * size * line_height > highest_float * text_height
  local specified, wrapped = specification(columns, room, is_long)
  local before, after = surroundings(block, is_long, on_its_side)
  local text = ("\\tabletext{%.1f}\n"):format(size)
  if is_long then
    return pandoc.Plain(join(before, text, long_table(block, specified, wrapped), after))
  end
  local caption = captioned(block, "\n", "\\captionof*{table}")
  return pandoc.Plain(join(before, caption, text, short_table(block, specified, wrapped), after))
end

return { { Table = in_latex } }
