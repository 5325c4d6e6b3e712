-- Reads a message of a web toolkit's protocol, in JSON, and looks at its head and its 156 operations.

local function newRandom()
  local seed = 74755
  return function(n)
    seed = (seed * 1309 + 13849) % 65536
    return seed % n
  end
end

-- The message

local function operation(below, i)
  local kind = below(5)
  if kind == 0 then
    return ('["destroy","w%d"]'):format(i)
  elseif kind == 1 then
    return ('["set","w%d",{"activeControl":"w%d","visible":true,"data":null}]'):format(i, below(99))
  elseif kind == 2 then
    return ('["set","w%d",{"bounds":[%d,%d,100,%d],"opacity":0.%d,"zoom":1.5e%d}]')
      :format(i, below(900), below(700), below(50), below(99), below(9))
  elseif kind == 3 then
    return ('["create","w%d","rwt.widgets.Button",{"parent":"w%d","style":["PUSH","FLAT"],"tabIndex":-1,'
      .. '"text":"Line %d\\n\\"quoted\\" \\u00e4"}]'):format(i, below(99), below(99))
  end
  return ('["listen","w%d",{"Selection":true,"Modify":false,"keys":[{"code":%d},[]]}]'):format(i, below(99))
end

local function message()
  local below = newRandom()
  local operations = {}
  for i = 0, 155 do operations[i + 1] = operation(below, i) end
  return '{"head":{"requestCounter":4}, "operations":[' .. table.concat(operations, ",\n ") .. "]}"
end

-- The parser

local NULL = {}
local ESCAPES = {
  ['"'] = '"', ["/"] = "/", ["\\"] = "\\", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
}

-- Code points up to U+FFFF as UTF-8.
local function utf8Of(code)
  local floor, char = math.floor, string.char
  if code < 0x80 then return char(code) end
  if code < 0x800 then return char(0xc0 + floor(code / 64), 0x80 + code % 64) end
  return char(0xe0 + floor(code / 4096), 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
end

local Parser = {}
Parser.__index = Parser

function Parser.new(text)
  return setmetatable({ text = text, at = 1, current = text:sub(1, 1) }, Parser)
end

function Parser:advance()
  self.at = self.at + 1
  self.current = self.text:sub(self.at, self.at)
end

function Parser:accept(c)
  if self.current ~= c then return false end
  self:advance()
  return true
end

function Parser:expect(c)
  if not self:accept(c) then error("expected " .. c .. " at " .. self.at) end
end

function Parser:skipBlanks()
  local c = self.current
  while c == " " or c == "\t" or c == "\n" or c == "\r" do
    self:advance()
    c = self.current
  end
end

function Parser:document()
  self:skipBlanks()
  local value = self:value()
  self:skipBlanks()
  if self.current ~= "" then error("more text at " .. self.at) end
  return value
end

function Parser:value()
  local c = self.current
  if c == "n" then return self:word("null", NULL) end
  if c == "t" then return self:word("true", true) end
  if c == "f" then return self:word("false", false) end
  if c == '"' then return self:string() end
  if c == "[" then return self:array() end
  if c == "{" then return self:object() end
  return self:number()
end

function Parser:word(text, value)
  for i = 1, #text do self:expect(text:sub(i, i)) end
  return value
end

function Parser:array()
  self:expect("[")
  self:skipBlanks()
  local items = {}
  if self:accept("]") then return items end
  while true do
    self:skipBlanks()
    items[#items + 1] = self:value()
    self:skipBlanks()
    if not self:accept(",") then
      self:expect("]")
      return items
    end
  end
end

function Parser:object()
  self:expect("{")
  self:skipBlanks()
  local members = {}
  if self:accept("}") then return members end
  while true do
    self:skipBlanks()
    local name = self:string()
    self:skipBlanks()
    self:expect(":")
    self:skipBlanks()
    members[name] = self:value()
    self:skipBlanks()
    if not self:accept(",") then
      self:expect("}")
      return members
    end
  end
end

function Parser:string()
  self:expect('"')
  local parts = {}
  local start = self.at
  while self.current ~= '"' do
    if self.current == "" then error("the string does not end") end
    if self.current == "\\" then
      parts[#parts + 1] = self.text:sub(start, self.at - 1)
      self:advance()
      parts[#parts + 1] = self:escape()
      start = self.at
    else
      self:advance()
    end
  end
  parts[#parts + 1] = self.text:sub(start, self.at - 1)
  self:advance()
  return table.concat(parts)
end

function Parser:escape()
  local c = self.current
  self:advance()
  if c == "u" then
    local start = self.at
    for _ = 1, 4 do self:advance() end
    return utf8Of(tonumber(self.text:sub(start, self.at - 1), 16))
  end
  return ESCAPES[c] or error("bad escape at " .. self.at)
end

local function isDigit(c)
  return c >= "0" and c <= "9"
end

function Parser:digits()
  if not isDigit(self.current) then error("expected a digit at " .. self.at) end
  while isDigit(self.current) do self:advance() end
end

function Parser:number()
  local start = self.at
  self:accept("-")
  self:digits()
  if self:accept(".") then self:digits() end
  if self:accept("e") or self:accept("E") then
    if not self:accept("+") then self:accept("-") end
    self:digits()
  end
  return tonumber(self.text:sub(start, self.at - 1))
end

local function verified(value)
  return type(value) == "table" and type(value.head) == "table" and #value.operations == 156
end

local text = message()
for _ = 1, (tonumber(arg[1]) or 1) * (tonumber(arg[2]) or 1) do
  assert(verified(Parser.new(text):document()))
end
print("Json verified")
