# Reads a message of a web toolkit's protocol, in JSON, and looks at its head and its 156 operations.

import sys


class Random:
    def __init__(self):
        self.seed = 74755

    def below(self, n):
        self.seed = (self.seed * 1309 + 13849) & 65535
        return self.seed % n


# The message

def operation(random, i):
    kind = random.below(5)
    if kind == 0:
        return f'["destroy","w{i}"]'
    if kind == 1:
        return f'["set","w{i}",{{"activeControl":"w{random.below(99)}","visible":true,"data":null}}]'
    if kind == 2:
        x = random.below(900)
        return (f'["set","w{i}",{{"bounds":[{x},{random.below(700)},100,{random.below(50)}],'
                f'"opacity":0.{random.below(99)},"zoom":1.5e{random.below(9)}}}]')
    if kind == 3:
        return (f'["create","w{i}","rwt.widgets.Button",{{"parent":"w{random.below(99)}","style":["PUSH","FLAT"],'
                f'"tabIndex":-1,"text":"Line {random.below(99)}\\n\\"quoted\\" \\u00e4"}}]')
    return f'["listen","w{i}",{{"Selection":true,"Modify":false,"keys":[{{"code":{random.below(99)}}},[]]}}]'


def message():
    random = Random()
    operations = [operation(random, i) for i in range(156)]
    return '{"head":{"requestCounter":4}, "operations":[' + ",\n ".join(operations) + "]}"


# The parser

ESCAPES = {'"': '"', "/": "/", "\\": "\\", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Parser:
    def __init__(self, text):
        self.text = text
        self.at = 0
        self.current = text[0] if text else ""

    def advance(self):
        self.at += 1
        self.current = self.text[self.at] if self.at < len(self.text) else ""

    def accept(self, c):
        if self.current != c:
            return False
        self.advance()
        return True

    def expect(self, c):
        if not self.accept(c):
            raise ValueError(f"expected {c} at {self.at}")

    def skip_blanks(self):
        while self.current in (" ", "\t", "\n", "\r"):
            self.advance()

    def document(self):
        self.skip_blanks()
        value = self.value()
        self.skip_blanks()
        if self.current:
            raise ValueError(f"more text at {self.at}")
        return value

    def value(self):
        c = self.current
        if c == "n":
            return self.word("null", None)
        if c == "t":
            return self.word("true", True)
        if c == "f":
            return self.word("false", False)
        if c == '"':
            return self.string()
        if c == "[":
            return self.array()
        if c == "{":
            return self.object()
        return self.number()

    def word(self, text, value):
        for c in text:
            self.expect(c)
        return value

    def array(self):
        self.expect("[")
        self.skip_blanks()
        items = []
        if self.accept("]"):
            return items
        while True:
            self.skip_blanks()
            items.append(self.value())
            self.skip_blanks()
            if not self.accept(","):
                self.expect("]")
                return items

    def object(self):
        self.expect("{")
        self.skip_blanks()
        members = {}
        if self.accept("}"):
            return members
        while True:
            self.skip_blanks()
            name = self.string()
            self.skip_blanks()
            self.expect(":")
            self.skip_blanks()
            members[name] = self.value()
            self.skip_blanks()
            if not self.accept(","):
                self.expect("}")
                return members

    def string(self):
        self.expect('"')
        parts = []
        start = self.at
        while self.current != '"':
            if not self.current:
                raise ValueError("the string does not end")
            if self.current == "\\":
                parts.append(self.text[start:self.at])
                self.advance()
                parts.append(self.escape())
                start = self.at
            else:
                self.advance()
        parts.append(self.text[start:self.at])
        self.advance()
        return "".join(parts)

    def escape(self):
        c = self.current
        self.advance()
        if c == "u":
            start = self.at
            for _ in range(4):
                self.advance()
            return chr(int(self.text[start:self.at], 16))
        if c not in ESCAPES:
            raise ValueError(f"bad escape at {self.at}")
        return ESCAPES[c]

    def digits(self):
        if not self.current.isdigit():
            raise ValueError(f"expected a digit at {self.at}")
        while self.current.isdigit():
            self.advance()

    def number(self):
        start = self.at
        self.accept("-")
        self.digits()
        if self.accept("."):
            self.digits()
        if self.accept("e") or self.accept("E"):
            if not self.accept("+"):
                self.accept("-")
            self.digits()
        return float(self.text[start:self.at])


def verified(value):
    return (isinstance(value, dict) and isinstance(value["head"], dict)
            and isinstance(value["operations"], list) and len(value["operations"]) == 156)


def main(iterations=1, inner=1):
    text = message()
    for _ in range(iterations * inner):
        assert verified(Parser(text).document())
    print("Json verified")


main(*map(int, sys.argv[1:]))
