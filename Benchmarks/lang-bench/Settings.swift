// The command line, parsed once for all subcommands: each reads the fields that concern it.

/// Which of a process's times are compared.
enum Clock: String, CaseIterable {
  /// User and system time together. The kernel counts their sum exactly, but splits it by ticks, which
  /// in runs of some tens of milliseconds is too coarse to compare user time alone.
  case cpu, user, wall
}

/// Which of the rounds stands for a program.
enum Pick: String, CaseIterable { case min, median }

struct Settings {
  var lang: String?
  var benchmarks: String?
  var rounds = 5
  /// All of the suite when nil.
  var programs: [String]?
  var allPeers = false
  var noPeers = false
  var small = false
  var tier = "interp"
  var clock = Clock.cpu
  var pick = Pick.min
  var runs = 100
  var edits = 5000
  var output: String?
  var definitions = 1000
  var files = 1
  var seed: UInt64 = 1

  static let usage = """
    usage: lang-bench COMMAND [OPTIONS]

      interp     programs on the interpreter, beside LuaJIT's, Lua and C
      awfy       the fourteen programs of Are We Fast Yet, beside Lua and LuaJIT's interpreter
      warm       both of these once they are compiled, beside C
      warmup     how long both of these take until they are as fast as they get
      hello      start-up: wall time of hello world
      edit       new text of a ten-line function to callable
      cascade    edits that concern more than one body, beside SBCL and Erlang
      redefine   functions that run as machine code: new text to seen, memory after a hundred thousand
      all        interp, awfy, hello, edit, cascade, warmup, redefine
      soak       edits of all kinds in one session: memory, latency and tables at start and end
      generate   write a Lang project of a given size

    options of all but generate:
      --lang PATH         the lang binary (default: beside this executable)
      --benchmarks DIR    the Benchmarks directory (default: found upwards from here)
      --rounds N          interleaved rounds of interp and awfy (5)
      --programs A,B      only these programs of interp, awfy, warm or warmup, or kinds of edits of cascade
      --all-peers         interp and warm also with luajit, node and sbcl, awfy with luajit and python3
      --no-peers          edit and cascade without other tools
      --small             awfy with sizes that only show that it works
      --tier TIER         tier of `lang run`: interp, jit, auto (interp; auto for warm)
      --clock CLOCK       what they compare: cpu, user, wall (cpu, user and system together)
      --pick PICK         which of the rounds: min, median (min)
      --runs N            runs of hello (100)
      --edits N           texts for each row of edit and redefine, most edits for one of cascade (5000); edits of soak; redefine
                          makes twenty times as many one upon the other

    options of generate:
      --output DIR        where to
      --definitions N     how many (1000)
      --files N           spread over how many files (1)
      --seed N            the same seed gives the same project (1)
    """

  init(_ arguments: some Sequence<String>) throws {
    var rest = arguments.makeIterator()
    while let option = rest.next() {
      func value() throws -> String {
        guard let value = rest.next() else { throw Failure.usage("\(option) needs a value") }
        return value
      }
      func count() throws -> Int {
        guard let count = Int(try value()), count > 0 else {
          throw Failure.usage("\(option) needs a positive number")
        }
        return count
      }
      func choice<T: CaseIterable & RawRepresentable<String>>(of type: T.Type) throws -> T {
        guard let choice = T(rawValue: try value()) else {
          let names = T.allCases.map(\.rawValue).joined(separator: ", ")
          throw Failure.usage("\(option) is one of \(names)")
        }
        return choice
      }
      switch option {
      case "--lang": lang = try value()
      case "--benchmarks": benchmarks = try value()
      case "--rounds": rounds = try count()
      case "--programs": programs = try value().split(separator: ",").map(String.init)
      case "--all-peers": allPeers = true
      case "--no-peers": noPeers = true
      case "--small": small = true
      case "--tier": tier = try value()
      case "--clock": clock = try choice(of: Clock.self)
      case "--pick": pick = try choice(of: Pick.self)
      case "--runs": runs = try count()
      case "--edits": edits = try count()
      case "--output": output = try value()
      case "--definitions": definitions = try count()
      case "--files": files = try count()
      case "--seed": seed = UInt64(try count())
      default: throw Failure.usage("no option `\(option)`")
      }
    }
  }
}
