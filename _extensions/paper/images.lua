-- Quarto takes figures as SVG, which Pandoc puts into Word, and Quarto into LaTeX, only where they
-- find rsvg-convert. The notebooks hold each figure as PNG and as PDF too. Runs before floats.lua;
-- the embedded renderer asks for the right form itself.

local mime = FORMAT:match("docx") and "image/png" or FORMAT:match("latex") and "application/pdf"
if not (quarto and mime) then return {} end

local folder = "notebooks"

local function read_cells(name)
  local file = assert(io.open(pandoc.path.join({ quarto.project.directory or ".", folder, name })))
  local notebook = pandoc.json.decode(file:read("a"), false)
  file:close()
  return notebook.cells
end

local function label_of(cell)
  local source = type(cell.source) == "table" and table.concat(cell.source) or cell.source
  return ("\n" .. source):match("\n#| label: *([%w_-]+)")
end

-- By the name that Quarto gives to the file of the same figure.
local function add_figures(name, figures)
  local prefix = folder .. "-" .. name:gsub("%.ipynb$", "")
  for _, cell in ipairs(read_cells(name)) do
    for i, output in ipairs(cell.outputs or {}) do
      local content = output.data and output.data[mime]
      local label = content and label_of(cell)
      if label then
        local text = type(content) == "table" and table.concat(content) or content
        figures[("%s-%s-output-%d.svg"):format(prefix, label, i)] = text:gsub("%s", "")
      end
    end
  end
end

local function read_figures()
  local figures = {}
  local path = pandoc.path.join({ quarto.project.directory or ".", folder })
  -- A paper may have no notebooks.
  local is_there, names = pcall(pandoc.system.list_directory, path)
  for _, name in ipairs(is_there and names or {}) do
    if name:match("%.ipynb$") then add_figures(name, figures) end
  end
  return figures
end

local figures = read_figures()

local function as_png(data, image)
  image.src = data
  return image
end

-- Quarto moves the folder of the SVG, and it alone, to the paper.
local function as_pdf(data, image)
  local svg = image.src
  image.src = svg:gsub("svg$", "pdf")
  local file = assert(io.open(image.src, "wb"))
  local _, content = pandoc.mediabag.fetch(data)
  file:write(content)
  file:close()
  os.remove(svg)
  return image
end

local function in_form(image)
  local content = figures[pandoc.path.filename(image.src)]
  if not content then return nil end
  local data = ("data:%s;base64,%s"):format(mime, content)
  return mime == "image/png" and as_png(data, image) or as_pdf(data, image)
end

return { { Image = in_form } }
