-- What a reader may choose among the specifications that a notebook published, for choices.js: which
-- there are, what sets them apart, and which numbers of the text follow. Before page.lua, which puts it
-- into the page. Nothing is computed here: what was not published is not offered.

if not FORMAT:match("html") then return {} end

local root = quarto and quarto.project.directory or os.getenv("PAPER_ROOT") or "."
local fields = { "percentage", "lower", "upper", "p", "n_patients" }

-- The words of study.yml as a reader would say them: what is in per cent, and how it is summed up.
local of_mean, of_own = "in per cent of the mean at baseline", "each patient’s own change in per cent"
local mean, pseudo_median = "mean", "pseudo-median"
local summaries = {
  mean_percent = { of_mean, mean },
  mean_own_percent = { of_own, mean },
  pseudo_median_percent = { of_mean, pseudo_median },
  pseudo_median_own_percent = { of_own, pseudo_median },
}
local fates = {
  left_out = "left out: only patients seen at both visits count",
  no_change = "counted as unchanged",
  worst_score = "counted as having the worst score",
  imputed = "estimated from those seen (multiple imputation)",
  imputed_minus_mid = "estimated, then made worse by the difference that matters",
  both_visits = "counted at the visit they came to",
}

local function read(path)
  local file = io.open(pandoc.path.join({ root, path }))
  if not file then return nil end
  local text = file:read("a")
  file:close()
  return text
end

-- Pandoc reads YAML as the front matter of a text.
local function estimands()
  local study = read("data/study.yml")
  if not study then return {} end
  local lines = study:gsub("^%-%-%-[^\n]*\n", "")
  local is_read, doc = pcall(pandoc.read, "---\n" .. lines .. "\n---\n", "markdown")
  return is_read and doc.meta.estimands or {}
end

local function text_of(value) return value and pandoc.utils.stringify(value) or "" end

local function choices_of(one)
  local summary, lost = text_of(one.summary), text_of(one.lost)
  local known = summaries[summary]
  if not (known and fates[lost]) then return nil end
  local definition, usual = known[1], text_of(one.usual_mean)
  if usual ~= "" then definition = ("%s, less a return to a usual mean of %s"):format(definition, usual) end
  return { definition, fates[lost], known[2] }
end

local function is_number(entry) return type(entry) == "table" and type(entry.value) == "number" end

-- One without its estimate has nothing to show.
local function specifications_of(outcome, numbers)
  local found = pandoc.List({})
  for _, one in ipairs(estimands()) do
    local name = text_of(one.name)
    local stem = ("%s.specifications.%s."):format(outcome, name)
    local choices = choices_of(one)
    if choices and is_number(numbers[stem .. "percentage"]) then
      local keys = {}
      for _, field in ipairs(fields) do
        if is_number(numbers[stem .. field]) then keys[field] = stem .. field end
      end
      found:insert({
        name = name, label = text_of(one.label), choices = choices, keys = keys,
        primary = one.primary == true or nil,
      })
    end
  end
  return found
end

-- A number of the text is one of the primary specification where value and unit are the same.
local function followers(outcome, primary, numbers)
  local follow = {}
  for field, key in pairs(primary.keys) do
    local own = ("%s.change.%s"):format(outcome, field)
    local one, other = numbers[own], numbers[key]
    if is_number(one) and one.value == other.value and one.unit == other.unit then follow[own] = field end
  end
  return follow
end

local function outcomes(numbers)
  local found, seen = pandoc.List({}), {}
  for key in pairs(numbers) do
    local outcome = key:match("^(.-)%.specifications%.[%w_]+%.percentage$")
    if outcome and not seen[outcome] then
      seen[outcome] = true
      local all = specifications_of(outcome, numbers)
      local primary = all:find_if(function(one) return one.primary end)
      local follow = primary and followers(outcome, primary, numbers) or {}
      if #all > 1 and next(follow) then
        local label = numbers[primary.keys.percentage].label:match("^(.-):") or outcome
        found:insert({ name = outcome, label = label, follow = follow, specifications = all })
      end
    end
  end
  found:sort(function(one, other) return one.name < other.name end)
  return found
end

function Pandoc(doc)
  if not doc.meta["by-author"] then return nil end -- the page of a notebook
  local text = read("results/numbers.json")
  local found = text and outcomes(pandoc.json.decode(text, false)) or {}
  if #found == 0 then return nil end
  doc.meta["paper-choices"] = pandoc.MetaString(pandoc.json.encode(found))
  return doc
end
