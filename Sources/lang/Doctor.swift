// `lang doctor`: what this machine lacks for the commands to work, found out by trying.

import ArgumentParser
import Frontend
import JIT
import Runtime
import Session

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Find out what is missing on this machine.",
    discussion: """
      Tries what the other commands need, and says how to get what is missing. Lines with `!` are worth knowing \
      and no fault. Exit status: 0 when nothing is missing, 1 otherwise.

        lang doctor
      """)

  @OptionGroup var common: CommonOptions

  /// What one look at the machine has found.
  private struct Finding {
    enum State { case fine, notable, missing }
    var state: State
    var what: String
    var remedy: String?
  }

  func run() throws {
    Threads.growMainStack()
    let findings = [runtime(), linker(), llvm(), watches(), cache(), lineEditor(), terminal()]
    let colours = common.colour.isOn(for: 1)
    var text = ""
    for finding in findings {
      let (mark, code) = switch finding.state {
      case .fine: ("✓", "1;32")
      case .notable: ("!", "1;33")
      case .missing: ("✗", "1;31")
      }
      text += (colours ? "\u{1b}[\(code)m\(mark)\u{1b}[0m" : mark) + " \(finding.what)\n"
      if let remedy = finding.remedy { text += "    \(remedy)\n" }
    }
    let missing = findings.count { $0.state == .missing }
    text += missing == 0 ? "\nNothing is missing.\n" : "\n\(missing) \(missing == 1 ? "thing is" : "things are") missing.\n"
    Files.write(text, to: 1)
    if missing > 0 { throw SourceErrors.exit }
  }

  /// A program is compiled and run: the system gives the memory that takes.
  private func runtime() -> Finding {
    let session = Session()
    _ = session.load([(path: "doctor.lang", text: Array("(defn main [] -> Int (len (vec-of 1000 1)))".utf8))])
    if session.hasProgram, session.run() == 1000 { return Finding(state: .fine, what: "programs run") }
    return Finding(
      state: .missing, what: "programs do not run: the system gives no memory for them",
      remedy: "address space must not be limited: `ulimit -v unlimited`")
  }

  private func linker() -> Finding {
    let directories = (Process.environment("PATH") ?? "").split(separator: ":")
    for name in ["cc", "clang", "gcc"] {
      for directory in directories where Files.isExecutable("\(directory)/\(name)") {
        return Finding(state: .fine, what: "C compiler and linker: \(directory)/\(name)")
      }
    }
    return Finding(
      state: .missing, what: "no C compiler in PATH: `lang build` links with `cc`",
      remedy: "`apt-get install gcc libc6-dev` on Debian and Ubuntu, `dnf install gcc` on Fedora")
  }

  private func llvm() -> Finding {
    guard let reason = Tiering.missing() else { return Finding(state: .fine, what: "hot code can be compiled to machine code") }
    return Finding(
      state: .missing, what: "hot code is interpreted: \(reason)",
      remedy: "`apt-get install libllvm19`; where the distribution has none: https://apt.llvm.org, or name the library in LANG_LLVM")
  }

  /// `lang dev` watches the directories of the program.
  private func watches() -> Finding {
    let remedy = "`sysctl fs.inotify.max_user_instances=512 fs.inotify.max_user_watches=65536`, as root"
    guard let watch = DirectoryWatch(), watch.add(".") != nil else {
      return Finding(state: .missing, what: "the system gives no file watches: `lang dev` does not see edits", remedy: remedy)
    }
    guard let limit = Files.systemNumbers("/proc/sys/fs/inotify/max_user_watches").first else {
      return Finding(state: .fine, what: "file watches")
    }
    if limit < 1024 {
      return Finding(state: .notable, what: "file watches: only \(limit), which editors soon use up", remedy: remedy)
    }
    return Finding(state: .fine, what: "file watches: up to \(grouped(limit))")
  }

  private func cache() -> Finding {
    var directory = Process.environment("XDG_CACHE_HOME") ?? ""
    if !directory.hasPrefix("/") { directory = (Process.environment("HOME") ?? "") + "/.cache" }
    directory += "/lang"
    let file = directory + "/doctor-\(Process.nanoseconds())"
    let problem = Files.makeDirectory(directory) ? Files.create(file, Array("x".utf8)) : .denied
    if let problem {
      return Finding(
        state: .missing, what: "the cache `\(directory)` cannot be written: \(problem.words)",
        remedy: "make it yours (`chown`), make room on the disk, or set XDG_CACHE_HOME to a directory that can be written")
    }
    Files.remove(file)
    return Finding(state: .fine, what: "cache: \(directory)")
  }

  private func lineEditor() -> Finding {
    for directory in ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib"] {
      for name in ["libedit.so.2", "libedit.so"] where Files.exists("\(directory)/\(name)") {
        return Finding(state: .fine, what: "line editing: \(directory)/\(name)")
      }
    }
    return Finding(
      state: .notable, what: "no libedit: `lang repl` has neither history nor completion", remedy: "`apt-get install libedit2`")
  }

  private func terminal() -> Finding {
    guard Process.isTerminal(0), Process.isTerminal(1) else {
      return Finding(state: .notable, what: "no terminal here: `lang dev` has no keys, reports have no colours")
    }
    guard let kind = Process.environment("TERM"), kind != "dumb", !kind.isEmpty else {
      return Finding(
        state: .notable, what: "the terminal is of no known kind: reports have no colours",
        remedy: "`export TERM=xterm-256color`, if it is such a one")
    }
    return Finding(state: .fine, what: "terminal: \(kind)")
  }
}
