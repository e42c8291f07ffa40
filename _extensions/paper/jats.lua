-- What a journal looks for in the text of a JATS article: the kinds of its sections, the parts of
-- its abstract and its statements, each a section. For both renderers, after expected.lua.

if not FORMAT:match("jats") then return {} end

local kind_of_title = {
  introduction = "intro", background = "intro", methods = "methods", results = "results",
  discussion = "discussion", conclusion = "conclusions", conclusions = "conclusions",
}
-- Field of `statements` in the front matter → kind of section.
local kind_of_statement = {
  ethics = "ethics-statement", consent = "consent-statement", registration = "registration",
  data = "data-availability", funding = "funding-statement", conflicts = "COI-statement",
  contributions = "author-contributions",
}

-- Of the lowest level, so that it is within the section around it.
local function section(title, blocks, kind)
  -- Some versions of Pandoc take the kind from the heading, others from what is around it.
  local attributes = kind and { ["sec-type"] = kind } or {}
  local content = pandoc.Blocks({ pandoc.Header(6, title, pandoc.Attr("", {}, attributes)) })
  content:extend(blocks)
  return pandoc.Div(content, pandoc.Attr("", { "section" }, attributes))
end

-- A paragraph that begins with its title in bold, as title and rest; else nothing.
local function headed(block)
  if block.t ~= "Para" or block.content[1].t ~= "Strong" then return nil end
  local title = pandoc.utils.stringify(block.content[1]):gsub("[.:]$", "")
  local rest = pandoc.Inlines({ table.unpack(block.content, 2) })
  if rest[1] and (rest[1].t == "Space" or rest[1].t == "SoftBreak") then rest:remove(1) end
  return title, pandoc.Para(rest)
end

local function abstract_in_parts(meta)
  local abstract = meta.abstract
  if pandoc.utils.type(abstract) ~= "Blocks" or #abstract < 2 then return nil end
  for place, block in ipairs(abstract) do
    local title, rest = headed(block)
    if title then abstract[place] = section(title, { rest }) end
  end
  meta.abstract = abstract
  return meta
end

local statements = {}

local function read_statements(meta)
  for name, kind in pairs(kind_of_statement) do
    local said = meta.statements and meta.statements[name]
    local text = said and pandoc.utils.stringify(said) or ""
    if text ~= "" then statements[text] = kind end
  end
end

local function statement(block)
  local title, rest = headed(block)
  local kind = title and statements[pandoc.utils.stringify(rest)]
  return kind and section(title, { rest }, kind) or nil
end

local function kind_of(header)
  local title = pandoc.utils.stringify(header):lower()
  header.attributes["sec-type"] = header.attributes["sec-type"] or kind_of_title[title]
  return header
end

return {
  { Meta = read_statements },
  { Meta = abstract_in_parts, Header = kind_of, Para = statement },
}
