// E01..: the reader and files.

extension Explanation {
  static let readerText = #"""
E0101: bytes in the file are not UTF-8
Source files are UTF-8. Somewhere in this one stand bytes that mean nothing in
that encoding, most often because an editor saved it as Latin-1 or Windows-1252,
where an accented letter is one byte, or because a program wrote binary data into
it.

Save the file as UTF-8. In a string any character can also be written by its
number: `"caf\u{e9}"`. In the example «byte e9» is the single byte 0xE9.
---- wrong
(def drink "caf«byte e9»")
---- right
(def drink "café")

E0102: a bracket is never closed
The end of the file, or the next definition, was reached inside a list or a
vector. A `(` in column 0 is taken as the beginning of a definition, so that one
missing bracket spoils one definition and not the rest of the file; for the same
reason everything inside a definition should be indented.

The report marks the bracket that was opened and, going by the indentation, where
its closer is probably missing. `lang fmt` shows by its indentation how forms are
nested, once they are balanced.
---- wrong
(defn area [w: Float h: Float] -> Float
  (* w h)

(def side 3.0)
---- right
(defn area [w: Float h: Float] -> Float
  (* w h))

(def side 3.0)

E0103: a closing bracket fits no opening one
A `)` or `]` stands where nothing is open, or closes a bracket of the other kind.
Usually there is one too many at the end of a form, or one is missing before.
---- wrong
(defn area [w: Float h: Float] -> Float
  (* w h)))
---- right
(defn area [w: Float h: Float] -> Float
  (* w h))

E0104: a string is never closed
A string may span lines, so one without its closing `"` swallows everything up to
the next `"`. When none of the quotes in a file fit together any more, the string
is taken to end before the next `(` in column 0.

Close the string. A `"` inside a string is written `\"`.
---- wrong
(def greeting "hello)

(def farewell 1)
---- right
(def greeting "hello")

(def farewell 1)

E0105: a block comment is never closed
`#|` opens a comment that ends with `|#`. Such comments nest, so that code with
comments in it can be commented out as a whole; each `#|` needs a `|#` of its own.
---- wrong
(def a 1)

#| not yet: #| why |#
(def b 2)
---- right
(def a 1)

#| not yet: #| why |#
(def b 2)
|#

E0106: an escape in a string means nothing
A backslash in a string begins an escape. There are `\n` newline, `\t` tab, `\r`
carriage return, `\0` the character 0, `\"`, `\\` and `\u{3bb}` for a character
by its number, one to six hexadecimal digits. A backslash itself is written `\\`.
---- wrong
(def folder "C:\games")
---- right
(def folder "C:\\games")

E0107: a number is misspelt
What begins with a digit is read as a number to its end. Numbers are `42`,
`1_000_000`, `0xff`, `0b1010`, `0o17`, `3.14`, `1e-9`, with a suffix for another
type: `255u8`, `2.5f32`. Names cannot begin with a digit.
---- wrong
(def width 12px)
---- right
(def width-px 12)

E0108: an integer is too large for any type
The largest integer that can be written is 18446744073709551615, for `U64`; an
`Int` goes from -9223372036854775808 to 9223372036854775807. Larger numbers can be
had as `Float`, with some 16 digits of precision.
---- wrong
(def stars 99_999_999_999_999_999_999)
---- right
(def stars 99_999_999_999_999_999_999.0)

E0109: a character is misspelt
Behind a backslash stands one character, as in `\a`, `\(` or `\λ`, one of the names
`\space` `\newline` `\tab` `\return`, or a number: `\u{3bb}`.
---- wrong
(def blank \spcae)
---- right
(def blank \space)

E0110: forms are nested too deep
Forms may nest up to 1000 deep. Beyond that the text was almost certainly made by
a program; let it define functions for the inner parts. «1001 (» in the example
stands for that many brackets.
---- wrong
(def deep «1001 (»1«1001 )»)
---- right
(def inner 1)
(def deep (+ inner 1))

E0111: a file is too large
A source file has at most 64 MB. Data of that size does not belong into a program:
read it when the program runs, with `read-file`. In the example «67108865 ;»
stands for that many semicolons.
---- wrong
«67108865 ;»
---- right
(def data (read-file "data.txt"))

E0112: something here is no form
A character that begins nothing: braces, a `#` that is neither `#|` nor `#_`, a
control character, an invisible blank that is not an ordinary one, or a quote with
nothing behind it.

Maps and sets have no brackets of their own: `(map-of key value)`, `(set-of a b)`.
---- wrong
(defn corners [] -> (Vec Int)
  (vec {1 2}))
---- right
(defn corners [] -> (Vec Int)
  (vec 1 2))

E0120: a file cannot be read
The path does not exist, is a directory without a `project.lang`, may not be read
by you, or is no regular file: pipes and devices cannot be read twice or watched.
Paths are looked up from the directory you are in.
---- shell
lang run gmae.lang
lang run game.lang

E0121: the program has no `main`
A program begins with the function `main` of its main module. `lang check` and
`lang run` want one; tests and a file that is only imported need none.
---- wrong
(defn start [] -> Unit
  (println "hi"))
---- right
(defn main [] -> Unit
  (println "hi"))

E0122: `main` has the wrong signature
`main` either takes nothing and answers nothing, or takes the arguments of the
command line and answers the exit code:

    (defn main [] -> Unit ..)
    (defn main [args: (Vec String)] -> Int ..)
---- wrong
(defn main [n: Int] -> Unit
  (println n))
---- right
(defn main [args: (Vec String)] -> Int
  (println (len args))
  0)

E0123: the project is not as it should be
A project is a directory with a file `project.lang`, which holds one form: the
project's name, and perhaps its version, its main module (`main` if it does not say)
and the C libraries to link with. Its modules lie below `src`, so the main module
`game.main` is the file `src/game/main.lang`; its tests may lie in `tests`.
---- wrong
(project "asteroids" :main game.main)
---- right
(defn main [] -> Unit
  (println "a module has no `project` in it"))

E0124: a file cannot be a module where it stands
The place of a file below `src` is its module's name, so each directory on the way
and the file itself need names that can stand in an `import`: a letter or `_`, then
letters, digits, `-` and `_`. Two files cannot be one module, and a link must not
lead back to a directory it lies in.
---- shell
mv src/my-game/2d.lang src/my-game/flat.lang
"""#
}
