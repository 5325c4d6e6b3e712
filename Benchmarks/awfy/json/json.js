// Reads a message of a web toolkit's protocol, in JSON, and looks at its head and its 156 operations.

"use strict";

class Random {
  constructor() { this.seed = 74755; }

  below(n) {
    this.seed = (this.seed * 1309 + 13849) & 65535;
    return this.seed % n;
  }
}

// The message

function operation(r, i) {
  switch (r.below(5)) {
    case 0: return `["destroy","w${i}"]`;
    case 1: return `["set","w${i}",{"activeControl":"w${r.below(99)}","visible":true,"data":null}]`;
    case 2:
      return `["set","w${i}",{"bounds":[${r.below(900)},${r.below(700)},100,${r.below(50)}],`
        + `"opacity":0.${r.below(99)},"zoom":1.5e${r.below(9)}}]`;
    case 3:
      return `["create","w${i}","rwt.widgets.Button",{"parent":"w${r.below(99)}","style":["PUSH","FLAT"],`
        + `"tabIndex":-1,"text":"Line ${r.below(99)}\\n\\"quoted\\" \\u00e4"}]`;
    default:
      return `["listen","w${i}",{"Selection":true,"Modify":false,"keys":[{"code":${r.below(99)}},[]]}]`;
  }
}

function message() {
  const random = new Random();
  const operations = [];
  for (let i = 0; i < 156; i++) operations.push(operation(random, i));
  return `{"head":{"requestCounter":4}, "operations":[${operations.join(",\n ")}]}`;
}

// The parser

const escapes = { '"': '"', "/": "/", "\\": "\\", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

class Parser {
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.current = text.charAt(0);
  }

  advance() {
    this.at++;
    this.current = this.text.charAt(this.at);
  }

  accept(c) {
    if (this.current !== c) return false;
    this.advance();
    return true;
  }

  expect(c) {
    if (!this.accept(c)) throw new Error(`expected ${c} at ${this.at}`);
  }

  skipBlanks() {
    while (this.current === " " || this.current === "\t" || this.current === "\n" || this.current === "\r")
      this.advance();
  }

  document() {
    this.skipBlanks();
    const value = this.value();
    this.skipBlanks();
    if (this.current !== "") throw new Error(`more text at ${this.at}`);
    return value;
  }

  value() {
    switch (this.current) {
      case "n": return this.word("null", null);
      case "t": return this.word("true", true);
      case "f": return this.word("false", false);
      case '"': return this.string();
      case "[": return this.array();
      case "{": return this.object();
      default: return this.number();
    }
  }

  word(text, value) {
    for (let i = 0; i < text.length; i++) this.expect(text.charAt(i));
    return value;
  }

  array() {
    this.expect("[");
    this.skipBlanks();
    const items = [];
    if (this.accept("]")) return items;
    do {
      this.skipBlanks();
      items.push(this.value());
      this.skipBlanks();
    } while (this.accept(","));
    this.expect("]");
    return items;
  }

  object() {
    this.expect("{");
    this.skipBlanks();
    const members = new Map();
    if (this.accept("}")) return members;
    do {
      this.skipBlanks();
      const name = this.string();
      this.skipBlanks();
      this.expect(":");
      this.skipBlanks();
      members.set(name, this.value());
      this.skipBlanks();
    } while (this.accept(","));
    this.expect("}");
    return members;
  }

  string() {
    this.expect('"');
    let result = "", start = this.at;
    while (this.current !== '"') {
      if (this.current === "") throw new Error("the string does not end");
      if (this.current === "\\") {
        result += this.text.slice(start, this.at);
        this.advance();
        result += this.escape();
        start = this.at;
      } else {
        this.advance();
      }
    }
    result += this.text.slice(start, this.at);
    this.advance();
    return result;
  }

  escape() {
    const c = this.current;
    this.advance();
    if (c === "u") {
      const start = this.at;
      for (let i = 0; i < 4; i++) this.advance();
      return String.fromCharCode(parseInt(this.text.slice(start, this.at), 16));
    }
    const result = escapes[c];
    if (result === undefined) throw new Error(`bad escape at ${this.at}`);
    return result;
  }

  isAtDigit() {
    return this.current >= "0" && this.current <= "9";
  }

  digits() {
    if (!this.isAtDigit()) throw new Error(`expected a digit at ${this.at}`);
    while (this.isAtDigit()) this.advance();
  }

  number() {
    const start = this.at;
    this.accept("-");
    this.digits();
    if (this.accept(".")) this.digits();
    if (this.accept("e") || this.accept("E")) {
      if (!this.accept("+")) this.accept("-");
      this.digits();
    }
    return Number(this.text.slice(start, this.at));
  }
}

function isRight(value) {
  if (!(value instanceof Map)) return false;
  const operations = value.get("operations");
  return value.get("head") instanceof Map && Array.isArray(operations) && operations.length === 156;
}

const [iterations = 1, inner = 1] = process.argv.slice(2).map(Number);
const text = message();
for (let i = 0; i < iterations * inner; i++)
  if (!isRight(new Parser(text).document())) throw new Error("not the message that was written");
console.log("Json verified");
