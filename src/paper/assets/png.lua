-- Quarto takes figures as SVG, which Word shows only if Pandoc finds rsvg-convert. The notebooks
-- hold each of them as PNG too. Runs before floats.lua; the embedded renderer asks for PNG itself.

if not (quarto and FORMAT:match("docx")) then return {} end

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
      local png = output.data and output.data["image/png"]
      local label = png and label_of(cell)
      if label then figures[("%s-%s-output-%d.svg"):format(prefix, label, i)] = png end
    end
  end
end

local function read_figures()
  local figures = {}
  local path = pandoc.path.join({ quarto.project.directory or ".", folder })
  for _, name in ipairs(pandoc.system.list_directory(path)) do
    if name:match("%.ipynb$") then add_figures(name, figures) end
  end
  return figures
end

local figures = read_figures()

local function as_png(image)
  local png = figures[pandoc.path.filename(image.src)]
  if not png then return nil end
  image.src = "data:image/png;base64," .. png:gsub("%s", "")
  return image
end

return { { Image = as_png } }
